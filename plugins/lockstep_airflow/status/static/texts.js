// Words and addresses that the server gives the scripts.
const meta = (name) => document.querySelector(`meta[name="lockstep-${name}"]`)?.content ?? "";
const texts = JSON.parse(meta("texts") || "{}");

export const airflow = meta("airflow");

export function text(key, values = {}) {
  return Object.entries(values).reduce((done, [name, value]) => done.replace(`{${name}}`, () => value), texts[key] ?? key);
}

export function notice(words) {
  const place = document.getElementById("notice");
  place.hidden = !words;
  if (place.textContent !== words) place.textContent = words;
}
