/** A token (RFC 9110, section 5.6.2); of HTTP/2's own, such as `:path`, with a colon before it. */
const headerName = /^:?[!#$%&'*+.^`|~\w-]+$/

/** Whether a text can be the name of a header to edit; upper case can. */
export function isHeaderName(text: string): boolean {
  return headerName.test(text)
}
