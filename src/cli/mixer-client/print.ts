import { codeName } from '@outboard/adapters-sdk'
import type { ClientAnswer, ClientHeaderOperation, Precondition } from '@outboard/adapters-sdk/client'
import { int64 } from '../../mixer/attributes/index.js'
import { printDuration } from '../../mixer/expr/duration.js'
import { visible } from '../../mixer/telemetry/visible.js'

/** A check's answer for people: the verdict, then what else a proxy would act on. */
export function printCheck(answer: ClientAnswer): string {
  const lines = [`Check: ${verdictText(answer)}`]
  if (answer.precondition !== undefined) lines.push(...preconditionLines(answer.precondition))
  const quotas = [...answer.quotas].map(([name, { code, message, amount, validForMs }]) => {
    const status = code === 0 ? '' : `, ${statusText(code, message)}`
    return `${visible(name).padEnd(30)} granted ${amount}, valid for ${durationText(validForMs)}${status}`
  })
  lines.push(...section('Quotas', quotas))
  return `${lines.join('\n')}\n`
}

/** The same as one JSON object. */
export function checkJson({ precondition, quotas }: ClientAnswer): Record<string, unknown> {
  const verdict = precondition && {
    status: { code: precondition.code, name: codeName(precondition.code), message: precondition.message },
    validForMs: precondition.validForMs,
    validUses: precondition.validUses,
    referenced: precondition.references,
    directive: precondition.directive,
  }
  const granted = [...quotas].map(([name, { references, ...quota }]) => {
    return [name, { ...quota, amount: quota.amount.toString(), referenced: references }]
  })
  return { ...verdict, quotas: Object.fromEntries(granted) }
}

/** `NAME`, or `NAME (message)`. */
export function verdictText({ precondition }: ClientAnswer): string {
  return precondition === undefined ? 'no verdict' : statusText(precondition.code, precondition.message)
}

function statusText(code: number, message: string): string {
  return message === '' ? codeName(code) : `${codeName(code)} (${visible(message)})`
}

function preconditionLines(precondition: Precondition): string[] {
  const { validForMs, validUses, directive } = precondition
  const lines = [`Valid for ${durationText(validForMs)} and ${usesText(validUses)}`]
  if (directive !== undefined) {
    if (directive.directStatus !== 0)
      lines.push(
        `Direct response: HTTP ${directive.directStatus} ${visible(JSON.stringify(directive.directBody))}`,
      )
    lines.push(...section('Request headers', directive.request.map(headerText)))
    lines.push(...section('Response headers', directive.response.map(headerText)))
  }
  lines.push(...section('Referenced attributes', referencedLines(precondition)))
  return lines
}

function durationText(ms: number | undefined): string {
  return ms === undefined ? 'ever (not stated)' : printDuration(int64(BigInt(Math.round(ms)) * 1_000_000n))
}

function usesText(uses: number): string {
  if (uses < 0) return 'any number of uses'
  return uses === 1 ? '1 use' : `${uses} uses`
}

function referencedLines({ references }: Precondition): string[] {
  return references
    .map(({ name = '(unknown word)', mapKey, condition }) => {
      return { text: mapKey === undefined ? name : `${name}::${mapKey}`, condition }
    })
    .sort((a, b) => (a.text < b.text ? -1 : 1))
    .map(({ text, condition }) => `${visible(text).padEnd(30)} ${condition}`)
}

function headerText({ operation, name, value }: ClientHeaderOperation): string {
  return visible(operation === 'remove' ? `remove ${name}` : `${operation} ${name}: ${value}`)
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines.map(line => `  ${line}`)]
}
