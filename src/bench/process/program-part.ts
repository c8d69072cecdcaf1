/** The first of these that a file's URL matches says which part of the program it is; `$1` is what the brackets caught. */
const parts: readonly (readonly [pattern: RegExp, part: string])[] = [
  [/^node:internal\/http2/, 'Node, HTTP/2'],
  [/^node:/, 'Node'],
  [/\/adapters-sdk\/(?:src|dist)\/([^/]+)\//, 'SDK, $1'],
  [/\/adapters-sdk\//, 'SDK'],
  [/\/node_modules\/(@[^/]+\/[^/]+|[^/]+)\//, 'package $1'],
  [/\/src\/mixer\/([^/]+)\//, '$1'],
  [/\/src\/adapters\//, 'built-in adapters'],
  [/\/src\/([^/]+)\//, '$1'],
]

/** The part of the program that a function belongs to: a room of ours, a package, Node, or V8 and native code. */
export function partOf(functionName: string, url: string): string {
  if (functionName === '(garbage collector)') return 'garbage collection'
  if (functionName === '(program)') return 'native code and system calls'
  if (url === '') return 'native functions'
  const found = parts
    .map(([pattern, part]) => ({ match: pattern.exec(url), part }))
    .find(({ match }) => match !== null)
  if (found === undefined) return 'other'
  return found.part.replace('$1', found.match?.[1] ?? '')
}
