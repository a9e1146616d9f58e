// The token of this tab. Empty: the service requires none. Null: not entered yet.

const KEY = "enrolments-token";

export function token() {
  return sessionStorage.getItem(KEY);
}

export function keep(token) {
  sessionStorage.setItem(KEY, token);
}

export function forget() {
  sessionStorage.removeItem(KEY);
}
