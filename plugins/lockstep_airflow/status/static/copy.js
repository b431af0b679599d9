// Copies the text of the field that a button names (data-copies).
import { text } from "./texts.js";

export function startCopies() {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copies]");
    if (!button) return;
    const field = document.getElementById(button.dataset.copies);
    field.focus();
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      button.textContent = text("copied");
    } catch {
      document.execCommand("copy"); // no clipboard without https: the selected text can be copied by hand, too
    }
  });
}
