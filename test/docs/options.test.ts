import { readFileSync } from 'node:fs'
import t from 'tap'
import { serveOptions } from '../../src/cli/serve/option-table.js'

const page = readFileSync('docs/operating.md', 'utf8')

t.test('docs/operating.md has every option of the host, with its default and its meaning', async t => {
  const [, section = ''] = page.split('\n## Every option\n')
  const rows = (section.split('\n## ')[0] ?? '')
    .split('\n')
    .filter(line => line.startsWith('| `--'))
    // However wide a formatter makes the columns.
    .map(line => line.replace(/ +\|/g, ' |'))
  const escaped = (text: string) => text.replaceAll('|', '\\|')
  const expected = Object.values(serveOptions).map(({ flag, help, fallback }) => {
    const standard = fallback === '' ? '–' : `\`${fallback}\``
    return `| \`${escaped(flag)}\` | ${standard} | ${escaped(help)} |`
  })
  t.same(rows, expected)
})

t.test('every option that docs/operating.md speaks of is there', async t => {
  const known = new Set(Object.values(serveOptions).map(({ flag }) => flag.split(' ')[0]))
  const commands = readFileSync('src/cli/commands/probe.ts', 'utf8')
  const others = ['--settings', '--help', '--port', '--configStoreURL', '--monitoringPort', '--handler']
  const ofNode = ['--max-old-space-size']
  const own = ['--attributes', '--allow-plaintext', ...others, ...ofNode]
  const spoken = [...page.matchAll(/(?<![\w-])(--[a-zA-Z][\w-]*)/g)].map(([, flag = '']) => flag)
  t.ok(spoken.length > 60, 'options are spoken of')
  t.same(
    [...new Set(spoken)].filter(flag => !known.has(flag) && !own.includes(flag) && !commands.includes(flag)),
    [],
  )
})
