import { Command, Option } from 'commander'
import type { EvalOptions } from '../eval.js'
import { Exit, type ExitCode } from '../exit.js'
import type { Finish, Shell } from '../shell.js'

const examples = `
Examples:
  outboard eval --manifest types.json --attributes request.json 'request.size > 10'
  echo '{"expr": "a == \\"x\\"", "manifest": {"a": "STRING"}, "attributes": {"a": "x"}}' | outboard eval --batch

--batch reads one JSON object a line, {"expr", "manifest": {name: TYPE}, "attributes": {name: value}},
and writes one a line in the same order: {"type", "value", "referenced": […]} or
{"error": {"stage": "compile" | "eval", "message"}}.

Exit codes: 0 a value (a batch: always), 1 no value, 2 called wrongly`

type EvalFlags = Pick<EvalOptions, 'manifest' | 'attributes' | 'batch' | 'language'>

export function evalCommand(_shell: Shell, finish: Finish): Command {
  return new Command('eval')
    .description('evaluate an expression over attributes, and show what it looked at')
    .argument('[expression]', 'the expression')
    .option('--manifest <file>', 'attribute names and types, {name: TYPE}, JSON or YAML')
    .option('--attributes <file>', 'attribute values, {name: value}, JSON or YAML')
    .option('--batch', 'read cases from standard input, one JSON object a line')
    .addOption(new Option('--language <name>', 'the language').choices(['CEXL', 'CEL', 'COMPAT']))
    .addHelpText('after', examples)
    .action(async (expression: string | undefined, flags: EvalFlags) => {
      const { runEval } = await import('../eval.js')
      const { stdin, stdout, stderr } = process
      finish(exitOf(await runEval({ ...flags, expression }, { stdin, stdout, stderr })))
    })
}

function exitOf(code: number): ExitCode {
  if (code === 0) return Exit.done
  return code === 2 ? Exit.usage : Exit.failed
}
