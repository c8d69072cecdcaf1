import { Command } from 'commander'
import { Exit } from '../exit.js'
import type { Finish, Shell } from '../shell.js'
import { adminFlag } from './admin-flag.js'

export function cacheCommand(shell: Shell, finish: Finish): Command {
  const cache = new Command('cache').description('look into, or empty, the verdict cache of a running host')
  cache
    .command('flush')
    .description(
      'forget kept verdicts, at once: all, or those of one handler, or those it gave under one key',
    )
    .addOption(adminFlag())
    .option(
      '--handler <name>',
      'only what this handler took part in, name.handler.namespace, or a shorter form that no other has',
    )
    .option('--key <key>', 'only what the handler gave under this key')
    .addHelpText(
      'after',
      '\nExamples:\n  outboard cache flush\n  outboard cache flush --handler whitelist.handler.shop',
    )
    .action(async ({ admin, handler, key }: { admin: string; handler?: string; key?: string }) => {
      const query = new URLSearchParams()
      if (handler !== undefined) query.set('handler', handler)
      if (key !== undefined) query.set('key', key)
      finish(await show(shell, admin, 'POST', `/cache/flush${query.size === 0 ? '' : `?${query}`}`))
    })
  cache
    .command('explain')
    .description('hit ratio, shapes, and the attributes that split the cache most')
    .addOption(adminFlag())
    .action(async ({ admin }: { admin: string }) => finish(await show(shell, admin, 'GET', '/cache/explain')))
  return cache
}

async function show(shell: Shell, admin: string, method: 'GET' | 'POST', path: string) {
  const { askAdmin } = await import('../admin-client.js')
  const { status, body } = await askAdmin(admin, method, path)
  const text = typeof body === 'string' ? body : `${JSON.stringify(body, undefined, 2)}\n`
  if (status === 200) shell.out(text)
  else shell.err(text)
  return status === 200 ? Exit.done : Exit.failed
}
