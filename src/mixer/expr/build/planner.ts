import {
  type AttributeValue,
  addInt64,
  type Instant,
  type Int64,
  type ValueType,
} from '../../attributes/index.js'
import type { Typed, TypedCall } from '../check/typed.js'
import { dnsEqual, dnsName } from '../functions/dns.js'
import { email, emailEqual } from '../functions/email.js'
import { addressEqual, ip } from '../functions/ip.js'
import { join } from '../functions/join.js'
import { timestamp } from '../functions/timestamp.js'
import { uri, uriEqual } from '../functions/uri.js'
import { apply1 } from '../nodes/apply.js'
import { Attribute } from '../nodes/attribute.js'
import { Conditional, ConditionalString } from '../nodes/conditional.js'
import { Constant } from '../nodes/constant.js'
import { Fallback } from '../nodes/fallback.js'
import {
  addressForm,
  booleanForm,
  doubleForm,
  type Form,
  instantForm,
  integerForm,
  textForm,
} from '../nodes/form.js'
import { Key } from '../nodes/key.js'
import { And, Not, Or } from '../nodes/logic.js'
import { EmptyMap, MapAttribute, MapConditional, MapFallback, type MapPlan } from '../nodes/map.js'
import type { Plan } from '../nodes/plan.js'
import { sum } from '../nodes/sum.js'
import { byteLength, compareBytes } from '../text/bytes.js'
import { lower } from '../text/lower.js'
import { equality, literalEquality } from './equality.js'
import { type OrderName, order } from './order.js'
import { endsWith, match, matches, startsWith } from './patterns.js'

/** Refuses an operator for a type (reference expressions, section 6). */
export type RefuseType = (call: TypedCall, operation: string, type: ValueType) => Error

/** Turns a checked expression into plan nodes, by the physical form of its type. */
export class Planner {
  constructor(readonly refuse: RefuseType) {}

  plan(typed: Typed): Plan<AttributeValue> {
    switch (typed.type) {
      case 'STRING':
      case 'DNS_NAME':
      case 'EMAIL_ADDRESS':
      case 'URI':
        return this.text(typed)
      case 'INT64':
      case 'DURATION':
        return this.integer(typed)
      case 'DOUBLE':
        return this.double(typed)
      case 'BOOL':
        return this.boolean(typed)
      case 'TIMESTAMP':
        return this.instant(typed)
      case 'IP_ADDRESS':
        return this.address(typed)
      case 'STRING_MAP':
        return this.map(typed)
    }
  }

  readonly text = (typed: Typed): Plan<string> => {
    return this.#operand(typed, textForm, this.text, ({ name, args }) => {
      switch (name) {
        case 'ADD':
          return sum(join, args.map(this.text))
        case 'INDEX':
          return new Key(this.map(need(args, 0)), this.text(need(args, 1)))
        case 'conditionalString':
          return new ConditionalString(
            this.boolean(need(args, 0)),
            this.text(need(args, 1)),
            this.text(need(args, 2)),
          )
        case 'toLower':
          return apply1(name, lower, this.text(need(args, 0)))
        case 'dnsName':
          return apply1(name, dnsName, this.text(need(args, 0)))
        case 'email':
          return apply1(name, email, this.text(need(args, 0)))
        case 'uri':
          return apply1(name, uri, this.text(need(args, 0)))
        default:
          return undefined
      }
    })
  }

  readonly integer = (typed: Typed): Plan<Int64> => {
    return this.#operand(typed, integerForm, this.integer, call => {
      const { name, args, type } = call
      if (name === 'size') return apply1(name, byteLength, this.text(need(args, 0)))
      if (name !== 'ADD') return undefined
      if (type === 'DURATION') throw this.refuse(call, 'Add', type)
      return sum(addInt64, args.map(this.integer))
    })
  }

  readonly double = (typed: Typed): Plan<number> => {
    return this.#operand(typed, doubleForm, this.double, ({ name, args }) => {
      if (name !== 'ADD') return undefined
      return sum((x, y) => x + y, args.map(this.double))
    })
  }

  readonly instant = (typed: Typed): Plan<Instant> => {
    return this.#operand(typed, instantForm, this.instant, call => {
      if (call.name === 'ADD') throw this.refuse(call, 'Add', call.type)
      return call.name === 'timestamp'
        ? apply1(call.name, timestamp, this.text(need(call.args, 0)))
        : undefined
    })
  }

  readonly address = (typed: Typed): Plan<Uint8Array> => {
    return this.#operand(typed, addressForm, this.address, call => {
      if (call.name === 'ADD') throw this.refuse(call, 'Add', call.type)
      return call.name === 'ip' ? apply1(call.name, ip, this.text(need(call.args, 0))) : undefined
    })
  }

  readonly boolean = (typed: Typed): Plan<boolean> => {
    return this.#operand(typed, booleanForm, this.boolean, call => {
      const { name, args } = call
      switch (name) {
        case 'LAND':
          return new And(args.map(this.boolean))
        case 'LOR':
          return new Or(args.map(this.boolean))
        case 'EQ':
          return this.#equality(call)
        case 'NEQ':
          return new Not(this.#equality(call))
        case 'LT':
        case 'LEQ':
        case 'GT':
        case 'GEQ':
          return this.#order(call, name)
        case 'match':
          return match(this.text(need(args, 0)), this.text(need(args, 1)))
        case 'matches':
          return matches(this.text(need(args, 0)), this.text(need(args, 1)))
        case 'startsWith':
          return startsWith(this.text(need(args, 0)), this.text(need(args, 1)))
        case 'endsWith':
          return endsWith(this.text(need(args, 0)), this.text(need(args, 1)))
        case 'ADD':
          throw this.refuse(call, 'Add', 'BOOL')
        default:
          return undefined
      }
    })
  }

  readonly map = (typed: Typed): MapPlan => {
    if (typed.kind === 'attribute') return new MapAttribute(typed.slot, typed.name)
    if (typed.kind === 'call') {
      const { name, args } = typed
      if (name === 'emptyStringMap') return new EmptyMap()
      if (name === 'OR') return new MapFallback(args.slice(0, -1).map(this.map), this.map(need(args, -1)))
      if (name === 'conditional')
        return new MapConditional(
          this.boolean(need(args, 0)),
          this.map(need(args, 1)),
          this.map(need(args, 2)),
        )
      if (name === 'ADD') throw this.refuse(typed, 'Add', typed.type)
    }
    throw unplanned(typed)
  }

  /** What every form has: constants, attributes, `|` and `conditional`; then what this form has. */
  #operand<T extends AttributeValue>(
    typed: Typed,
    form: Form<T>,
    plan: (typed: Typed) => Plan<T>,
    call: (call: TypedCall) => Plan<T> | undefined,
  ): Plan<T> {
    switch (typed.kind) {
      case 'constant': {
        const { value, ast } = typed
        if (!form.has(value)) throw unplanned(typed)
        return new Constant(value, ast.kind === 'constant' ? ast.text : String(value))
      }
      case 'attribute':
        return new Attribute(typed.slot, typed.name, form)
      case 'call': {
        const { name, args } = typed
        if (name === 'OR') return new Fallback(args.slice(0, -1).map(plan), plan(need(args, -1)))
        if (name === 'conditional')
          return new Conditional(this.boolean(need(args, 0)), plan(need(args, 1)), plan(need(args, 2)))
        const planned = call(typed)
        if (planned === undefined) throw unplanned(typed)
        return planned
      }
    }
  }

  #equality(call: TypedCall): Plan<boolean> {
    const a = need(call.args, 0)
    const b = need(call.args, 1)
    switch (a.type) {
      case 'STRING':
        return literalEquality(this.text(a), this.text(b))
      case 'INT64':
        return literalEquality(this.integer(a), this.integer(b))
      case 'BOOL':
        return literalEquality(this.boolean(a), this.boolean(b))
      case 'DOUBLE':
        return equality(Object.is, this.double(a), this.double(b))
      case 'TIMESTAMP':
        return equality((x: Instant, y: Instant) => x.compare(y) === 0, this.instant(a), this.instant(b))
      case 'IP_ADDRESS':
        return equality(addressEqual, this.address(a), this.address(b))
      case 'DNS_NAME':
        return equality(dnsEqual, this.text(a), this.text(b))
      case 'EMAIL_ADDRESS':
        return equality(emailEqual, this.text(a), this.text(b))
      case 'URI':
        return equality(uriEqual, this.text(a), this.text(b))
      case 'DURATION':
      case 'STRING_MAP':
        throw this.refuse(call, 'equality', a.type)
    }
  }

  #order(call: TypedCall, name: OrderName): Plan<boolean> {
    const a = need(call.args, 0)
    const b = need(call.args, 1)
    switch (a.type) {
      case 'STRING':
      case 'DNS_NAME':
      case 'EMAIL_ADDRESS':
      case 'URI':
        return order(name, compareBytes, this.text(a), this.text(b))
      case 'INT64':
        return order(name, compareNumbers<Int64>, this.integer(a), this.integer(b))
      case 'DOUBLE':
        return order(name, compareNumbers<number>, this.double(a), this.double(b))
      case 'TIMESTAMP':
        return order(name, (x: Instant, y: Instant) => x.compare(y), this.instant(a), this.instant(b))
      case 'BOOL':
      case 'DURATION':
      case 'IP_ADDRESS':
      case 'STRING_MAP':
        throw this.refuse(call, operationNames[name], a.type)
    }
  }
}

const operationNames: Readonly<Record<OrderName, string>> = {
  LT: 'less than',
  LEQ: 'less than or equal',
  GT: 'greater than',
  GEQ: 'greater or equal',
}

/** NaN, which has no order, compares as NaN: every test of it is false. */
function compareNumbers<T extends Int64>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : a === b ? 0 : Number.NaN
}

/** An argument that the checker has counted. */
function need(args: readonly Typed[], index: number): Typed {
  const arg = args.at(index)
  if (arg === undefined) throw new RangeError(`argument ${index} is missing from a checked call`)
  return arg
}

/** A checked expression without a plan: the signatures and this file disagree. */
function unplanned(typed: Typed): TypeError {
  return new TypeError(`no plan for ${typed.kind} ${'name' in typed ? typed.name : ''} of type ${typed.type}`)
}
