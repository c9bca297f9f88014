/* Elements in one line, and requests to our own API. */

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else if (name === 'html') made.innerHTML = value; // icons of ours only
    else if (value === true) made.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/* The answer's JSON; throws an Error with words and `.status`. */
export async function ask(data, method, path, body, headers = {}) {
  let answer;
  try {
    answer = await fetch(path, {
      method, credentials: 'same-origin', body: body === undefined ? undefined : JSON.stringify(body),
      headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': data.csrf, 'X-LH-Organization': data.organization_id, ...headers },
    });
  } catch {
    throw Object.assign(new Error('The server cannot be reached.'), { status: 0 });
  }
  const found = await answer.json().catch(() => ({}));
  if (answer.ok) return found;
  throw Object.assign(new Error([found.detail, found.hint].filter(Boolean).join(' ') || `Refused (${answer.status}).`), { status: answer.status });
}
