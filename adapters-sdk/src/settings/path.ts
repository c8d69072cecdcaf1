/** The path of a member: `a.b`. */
export function memberPath(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

/** The path of a map's entry: `a.b`, or `a["b.c"]` when the key is not a plain name. */
export function mapPath(path: string, key: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_-]*$/.test(key)) return memberPath(path, key)
  return `${path}[${JSON.stringify(key.length <= 80 ? key : `${key.slice(0, 77)}...`)}]`
}

/** `validDuration` → `valid_duration`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
}
