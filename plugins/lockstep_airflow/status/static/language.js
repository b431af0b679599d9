// The server draws the page in the language that this cookie names.
export function startLanguage() {
  const chosen = document.getElementById("language");
  chosen?.addEventListener("change", () => {
    document.cookie = `lockstep_language=${chosen.value}; path=/; max-age=31536000; samesite=lax`;
    location.reload();
  });
}
