import { fileURLToPath } from 'node:url'

const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'

/** The file of a program of this folder, or by a relative path of another, as this run has it: source or compiled. */
export function program(name: string): string {
  return fileURLToPath(new URL(`./${name}.${ending}`, import.meta.url))
}
