/**
 * A cell that no spreadsheet takes for a formula: one that begins with a sign by which formulas begin gets an apostrophe before it, and
 * every cell stands in quotes (RFC 4180; OWASP, "CSV Injection").
 */
export const csvCell = (text: string): string =>
  `"${/^[\s\0]*[=+\-@|%\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/u.test(text) ? "'" : ''}${text.replaceAll('"', '""')}"`
