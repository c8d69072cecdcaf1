/** What this project uses of tr46, which comes without types. */
declare module 'tr46' {
  export interface ToUnicodeOptions {
    checkHyphens?: boolean
    checkBidi?: boolean
    checkJoiners?: boolean
    useSTD3ASCIIRules?: boolean
    transitionalProcessing?: boolean
  }
  export function toUnicode(
    domain: string,
    options?: ToUnicodeOptions,
  ): { readonly domain: string; readonly error: boolean }
}
