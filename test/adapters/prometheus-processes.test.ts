import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
const program = new URL(`./support/cluster-program.${extension}`, import.meta.url).pathname

t.test('processes behind one address do not share a port for metrics', async t => {
  const { stdout } = await promisify(execFile)(process.execPath, [...process.execArgv, program])
  const reports: { readonly served: string; readonly refused: string }[] = JSON.parse(stdout)
  t.equal(reports.length, 2)
  t.equal(new Set(reports.map(({ served }) => served)).size, 2, 'each one has another port')
  for (const { served, refused } of reports) {
    t.match(served, /serving metrics at http:/)
    t.match(refused, /^port: cannot be listened on by each of several processes .* adapter serve prometheus/)
  }
})
