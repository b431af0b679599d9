// What a program that tries a client prints: one JSON object of what each step found, or the error that it ended in.

export async function run(steps) {
  const found = {};
  for (const [name, step] of Object.entries(steps)) {
    try {
      found[name] = (await step()) ?? null;
    } catch (error) {
      found[name] = { failed: String(error).slice(0, 300) };
    }
  }
  console.log(JSON.stringify(found));
  process.exit(0);
}

// The errorCode, or whatever `pick` takes, of the error that a call must end in.
export async function refusal(call, pick = (error) => error.errorCode) {
  try {
    await call();
  } catch (error) {
    return pick(error);
  }
  return 'no error';
}
