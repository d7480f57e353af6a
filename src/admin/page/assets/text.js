/** What is put into the page is text; nothing here or elsewhere makes HTML of it. */

export const byId = (id) => document.getElementById(id);

/** `12,345` */
export const count = (value) => value.toLocaleString('en');

/** @returns {HTMLElement} with this text in it */
export function element(name, className, text) {
  const made = document.createElement(name);
  if (className !== '') made.className = className;
  made.textContent = text;
  return made;
}

/** Leaves what is the same as it is: a screen reader would say it again, and a selection would go. */
export function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}
