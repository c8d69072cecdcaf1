import type { AttributeBag, AttributeValue } from '../../attributes/index.js'
import { EvalFailure } from '../plan.js'
import { Constant } from './constant.js'
import { Definite, type Plan } from './plan.js'

/** A function of one argument. It answers a failure instead of throwing. */
export type Function1<A, R> = (a: A) => R | EvalFailure
/** A function of two arguments. */
export type Function2<A, B, R> = (a: A, b: B) => R | EvalFailure

class Apply1<A extends AttributeValue, R extends AttributeValue> extends Definite<R> {
  constructor(
    readonly name: string,
    readonly fn: Function1<A, R>,
    readonly a: Plan<A>,
  ) {
    super()
  }

  eval(bag: AttributeBag): R | EvalFailure {
    const a = this.a.eval(bag)
    return a instanceof EvalFailure ? a : this.fn(a)
  }

  print(): string {
    return `${this.name}(${this.a.print()})`
  }
}

class Apply2<
  A extends AttributeValue,
  B extends AttributeValue,
  R extends AttributeValue,
> extends Definite<R> {
  constructor(
    readonly name: string,
    readonly fn: Function2<A, B, R>,
    readonly a: Plan<A>,
    readonly b: Plan<B>,
  ) {
    super()
  }

  eval(bag: AttributeBag): R | EvalFailure {
    const a = this.a.eval(bag)
    if (a instanceof EvalFailure) return a
    const b = this.b.eval(bag)
    return b instanceof EvalFailure ? b : this.fn(a, b)
  }

  print(): string {
    return `${this.name}(${this.a.print()}, ${this.b.print()})`
  }
}

/** Calls a function per request, or now when its argument is constant and it has a value. */
export function apply1<A extends AttributeValue, R extends AttributeValue>(
  name: string,
  fn: Function1<A, R>,
  a: Plan<A>,
): Plan<R> {
  const plan = new Apply1(name, fn, a)
  if (!(a instanceof Constant)) return plan
  const value = fn(a.value)
  return value instanceof EvalFailure ? plan : new Constant(value, plan.print())
}

/** As {@link apply1}, with two arguments. */
export function apply2<A extends AttributeValue, B extends AttributeValue, R extends AttributeValue>(
  name: string,
  fn: Function2<A, B, R>,
  a: Plan<A>,
  b: Plan<B>,
): Plan<R> {
  const plan = new Apply2(name, fn, a, b)
  if (!(a instanceof Constant && b instanceof Constant)) return plan
  const value = fn(a.value, b.value)
  return value instanceof EvalFailure ? plan : new Constant(value, plan.print())
}
