/* A dialog hears Escape only while the focus is in it. What had the focus may be gone, after a button was pressed that is
   drawn anew or while the dialog still fills: then the key is handed to the dialog that lies on top. */
const DIALOG = '[role="dialog"]';

export default function () {
  document.addEventListener('keydown', hear, true);
  return () => document.removeEventListener('keydown', hear, true);
}

function hear(event) {
  if (event.key !== 'Escape' || event.isComposing || !event.isTrusted) return;
  const focused = document.activeElement;
  if (focused && focused !== document.body) return;
  const dialog = [...document.querySelectorAll(DIALOG)].at(-1);
  if (!dialog) return;
  dialog.focus();
  dialog.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', code: 'Escape', bubbles: true, cancelable: true }));
}
