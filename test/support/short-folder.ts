import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

/** A folder that is gone after the test, with a path short enough for sockets in it: `t.testdir` names it after the test. */
export function shortFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'outboard-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
