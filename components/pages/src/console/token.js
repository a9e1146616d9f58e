// The token, kept for this tab alone. Empty where the service wants none; null until
// somebody has said so.

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
