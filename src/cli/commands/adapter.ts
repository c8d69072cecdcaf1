import { Command } from 'commander'
import type { DescribeFlags } from '../adapter/describe.js'
import type { AdapterServeFlags } from '../adapter/serve.js'
import type { Finish, Shell } from '../shell.js'

export function adapterCommand(shell: Shell, finish: Finish): Command {
  return new Command('adapter')
    .description('run an adapter as a process of its own, or ask one what it is')
    .addCommand(serve(shell, finish))
    .addCommand(describe(shell, finish))
    .addCommand(list(shell, finish))
}

const serveExamples = `
Examples:
  outboard adapter serve listchecker --address 127.0.0.1:9101
  outboard adapter serve ./my-adapter.js --address unix:///run/my-adapter.sock
  outboard adapter serve denier memquota        # two adapters in one process

A file exports what defineAdapter() returns, as its default or as "adapter".
SIGTERM drains: hosts go elsewhere, calls under way finish. A second signal stops at once.`

function serve(shell: Shell, finish: Finish): Command {
  return new Command('serve')
    .description('serve built-in adapters, or those of files, to hosts')
    .argument('<names...>', 'names of built-in adapters, or files')
    .option(
      '--address <address>',
      'host:port or unix:///path; may be given several times; default 127.0.0.1:0 (any free port)',
      (value: string, before: string[] | undefined) => [...(before ?? []), value],
    )
    .option('--tls-cert <file>', 'certificates, PEM; needed off this machine')
    .option('--tls-key <file>', 'their private key, PEM')
    .option('--tls-client-ca <file>', 'ask hosts for certificates that these have signed')
    .option('--allow-plaintext', 'plain text off this machine, too')
    .option('--drain-timeout <duration>', 'how long to finish after SIGTERM', '10s')
    .option('--json', 'say where it listens as JSON')
    .addHelpText('after', serveExamples)
    .action(async (names: string[], flags: Omit<AdapterServeFlags, 'address'> & { address?: string[] }) => {
      const { runAdapterServe } = await import('../adapter/serve.js')
      finish(await runAdapterServe(shell, names, { ...flags, address: flags.address ?? ['127.0.0.1:0'] }))
    })
}

function describe(shell: Shell, finish: Finish): Command {
  return new Command('describe')
    .description('show what a running adapter says of itself: its templates, and the schema of its settings')
    .argument('<address>', 'host:port, dns:///host:port or unix:///path')
    .option('--ca <file>', 'speak TLS, trusting these')
    .option('--cert <file>', 'client certificate, for mutual TLS')
    .option('--key <file>', 'its private key')
    .option('--server-name <name>', 'the name that its certificate must carry')
    .option('--allow-plaintext', 'plain text off this machine, too')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  outboard adapter describe 127.0.0.1:9101')
    .action(async (address: string, flags: DescribeFlags) => {
      const { runDescribe } = await import('../adapter/describe.js')
      finish(await runDescribe(shell, address, flags))
    })
}

function list(shell: Shell, finish: Finish): Command {
  return new Command('list')
    .description('the adapters that come with Outboard; with names, everything about them')
    .argument('[names...]')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  outboard adapter list\n  outboard adapter list memquota')
    .action(async (names: string[], { json }: { json?: boolean }) => {
      const { runAdapterList } = await import('../adapter/list.js')
      finish(runAdapterList(shell, names, json === true))
    })
}
