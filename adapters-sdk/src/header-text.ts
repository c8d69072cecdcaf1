/** RFC 9110's tokens (section 5.6.2). HTTP/2 knows names with a colon before them, too. */
const headerName = /^:?[-!#$%&'*+.^`|~\w]+$/
/** What would begin another header, or end the text for a reader in C. */
const lineEnd = /[\0\r\n]/

/** Whether a text can be the name of a header; upper case can. */
export function isHeaderName(text: string): boolean {
  return headerName.test(text)
}

/** Whether a text can stand as a header's value. */
export function isHeaderValue(text: string): boolean {
  return !lineEnd.test(text)
}
