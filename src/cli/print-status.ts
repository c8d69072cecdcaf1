/** A record, if it is one: what comes over the wire is looked at, not believed. */
function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function list(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(record) : []
}

/** The admin port's `/status` and `/readyz` for people. */
export function printStatus(status: unknown, readiness: unknown): string {
  const { ready, conditions } = record(readiness)
  const { snapshot, doors, handlers, requestsInFlight, version, secondTier } = record(status)
  const { id, revision } = record(snapshot)
  const lines = [ready === true ? 'ready' : 'not ready']
  for (const { name, met, reason } of list(conditions)) if (met !== true) lines.push(`  ${name}: ${reason}`)
  lines.push(`version        ${version}`)
  lines.push(`configuration  ${id === undefined ? 'none' : `snapshot ${id}, revision ${revision}`}`)
  lines.push(`in flight      ${requestsInFlight}`)
  for (const { name, address } of list(doors)) lines.push(`door           ${name} at ${address}`)
  if (secondTier !== undefined) lines.push(sharedCacheLine(record(secondTier)))
  for (const handler of list(handlers)) lines.push(...handlerLines(handler))
  return `${lines.join('\n')}\n`
}

function sharedCacheLine({ state, reason, withdrawalsPending }: Record<string, unknown>): string {
  const waiting = withdrawalsPending === 0 ? '' : `, withdrawals waiting: ${withdrawalsPending}`
  return `shared cache   redis: ${state}${because(reason)}${waiting}`
}

function because(reason: unknown): string {
  return reason === '' || reason === undefined ? '' : ` (${reason})`
}

function handlerLines(handler: Record<string, unknown>): string[] {
  const { id, adapter, placement, breaker, callsInFlight, reportsQueued, reportsOnDisk, failurePolicy } =
    handler
  return [
    `handler        ${id}: ${adapter}, ${placement}, breaker ${breaker}, on failure ${failurePolicy}`,
    `               ${callsInFlight} calls in flight, ${reportsQueued} reports queued, ${reportsOnDisk} on disk`,
    ...list(handler.endpoints).map(
      ({ address, state, reason }) => `               ${address}: ${state}${because(reason)}`,
    ),
  ]
}
