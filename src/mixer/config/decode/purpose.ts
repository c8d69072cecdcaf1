import { camelCase, type Node } from '../source/node.js'

/**
 * What a document would have done, for the message that refuses it. Works on whatever is there, because the document
 * is wrong somewhere.
 */
export function purposeOf(kind: string, root: Node): string {
  const spec = at(root, 'spec')
  switch (kind) {
    case 'rule':
      return `${whenOf(spec)}, ${actionsOf(spec)}`
    case 'handler':
      return `open the adapter ${text(at(spec, 'compiledAdapter') ?? at(spec, 'adapter')) ?? `at ${text(at(at(spec, 'connection'), 'address')) ?? 'an address'}`} for the rules that name it`
    case 'instance':
      return `fill in the template ${text(at(spec, 'compiledTemplate') ?? at(spec, 'template')) ?? 'it names'} for the actions that name it`
    case 'attributemanifest':
      return `declare ${countOf(at(spec, 'attributes'))} attributes for expressions`
    case 'template':
      return 'add a template for instances and adapters'
    case 'adapter':
      return `describe an adapter for ${items(at(spec, 'templates')).map(text).join(', ') || 'its templates'}`
    case 'QuotaSpec':
      return 'charge quotas for callers that cannot name them'
    case 'QuotaSpecBinding':
      return 'bind quotas to services'
    case 'HTTPAPISpec':
      return 'add api attributes to requests'
    case 'HTTPAPISpecBinding':
      return 'bind api attributes to services'
    default:
      return `act as a ${kind} for the rules that name it`
  }
}

function whenOf(spec: Node | undefined): string {
  const match = text(at(spec, 'match'))
  return match === undefined || match.trim() === ''
    ? 'always'
    : `when ${match.length > 80 ? `${match.slice(0, 77)}…` : match} holds`
}

function actionsOf(spec: Node | undefined): string {
  const actions = items(at(spec, 'actions')).map(action => {
    const instances = items(at(action, 'instances')).map(text).join(', ')
    return `ask ${text(at(action, 'handler')) ?? 'a handler'} about ${instances || 'nothing'}`
  })
  if (actions.length > 3) return `${actions.slice(0, 3).join('; ')} and ${actions.length - 3} more`
  if (actions.length > 0) return actions.join('; ')
  const edits = [at(spec, 'requestHeaderOperations'), at(spec, 'responseHeaderOperations')].flatMap(items)
  return edits.length > 0 ? 'edit headers' : 'do nothing'
}

function at(node: Node | undefined, field: string): Node | undefined {
  if (node?.kind !== 'map') return undefined
  for (const [key, { value }] of node.entries) if (key === field || camelCase(key) === field) return value
  return undefined
}

function items(node: Node | undefined): readonly Node[] {
  return node?.kind === 'list' ? node.items : []
}

function countOf(node: Node | undefined): number {
  return node?.kind === 'map' ? node.entries.size : 0
}

function text(node: Node | undefined): string | undefined {
  return node?.kind === 'scalar' && typeof node.value === 'string' && node.value !== ''
    ? node.value
    : undefined
}
