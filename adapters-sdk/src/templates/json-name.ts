/** The JSON name of a field that declares none: each underscore goes, and the letter behind it becomes a capital. */
export function jsonNameOf(name: string): string {
  return name.replace(/_+(.?)/g, (_, next: string) => next.toUpperCase())
}
