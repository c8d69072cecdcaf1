/** A fenced block of a document. */
export interface Fence {
  /** What stands behind the opening backticks, for example `sh`. */
  readonly info: string
  readonly lines: readonly string[]
  /** The line of the first one, from 1. */
  readonly line: number
}

/** All fenced blocks of a Markdown text, in order. */
export function fencesOf(markdown: string): Fence[] {
  const fences: Fence[] = []
  const lines = markdown.split('\n')
  for (let i = 0; i < lines.length; i++) {
    const info = /^```(\S.*|)$/.exec(lines[i] ?? '')?.[1]
    if (info === undefined) continue
    const end = lines.indexOf('```', i + 1)
    if (end < 0) throw new SyntaxError(`the fence in line ${i + 1} has no end`)
    fences.push({ info, lines: lines.slice(i + 1, end), line: i + 2 })
    i = end
  }
  return fences
}

/** One command line, taken apart. */
export interface CommandLine {
  readonly text: string
  readonly env: Readonly<Record<string, string>>
  readonly words: readonly string[]
}

/** The commands of a `sh` block: without comments and blank lines; quotes keep words together. */
export function commandsOf(fence: Fence): CommandLine[] {
  return fence.lines
    .map(text => text.replace(/(^|\s)#.*$/, '').trim())
    .filter(text => text !== '')
    .map(text => {
      const words = [...text.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '')
      const env: Record<string, string> = {}
      let at = 0
      for (; /^[A-Z_]+=/.test(words[at] ?? ''); at++) {
        const [name = '', ...value] = (words[at] ?? '').split('=')
        env[name] = value.join('=')
      }
      return { text, env, words: words.slice(at) }
    })
}
