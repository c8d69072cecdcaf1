import type { Rule } from '../config/snapshot.js'
import type { Counter, Histogram, Telemetry } from '../telemetry/index.js'

type CheckOutcome = 'allowed' | 'denied' | 'undecided' | 'shed'

/** The counters of one door, settled when it is first heard of. */
interface DoorMeters {
  readonly checks: Readonly<Record<CheckOutcome, Counter>>
  readonly seconds: Histogram
}

/** Counters made once per set of labels and then found again; what every check counts is found without making text. */
export class Meters {
  readonly #doors = new Map<string, DoorMeters>()
  readonly #matched = new WeakMap<Rule, Counter>()
  readonly #counters = new Map<string, Counter>()

  constructor(private readonly telemetry: Telemetry) {}

  check(door: string, outcome: CheckOutcome): void {
    this.#door(door).checks[outcome].add(1)
  }

  /** Seconds that a check took in the engine. */
  checkSeconds(door: string, seconds: number): void {
    this.#door(door).seconds.record(seconds)
  }

  report(door: string, outcome: 'taken' | 'failed' | 'shed'): void {
    this.#count('outboard_reports_total', 'door', door, 'outcome', outcome)
  }

  quota(outcome: 'granted' | 'partly' | 'refused' | 'failed' | 'unconfigured'): void {
    this.#count('outboard_quotas_total', 'outcome', outcome)
  }

  matched(rule: Rule): void {
    let counter = this.#matched.get(rule)
    if (counter === undefined) {
      const labels = { rule: rule.name, enforcement: rule.enforcement }
      counter = this.telemetry.counter('outboard_rule_matches_total', labels)
      this.#matched.set(rule, counter)
    }
    counter.add(1)
  }

  matchFailed(rule: Rule): void {
    this.#count('outboard_rule_match_failures_total', 'rule', rule.name)
  }

  headerFailed(rule: Rule): void {
    this.#count('outboard_rule_header_failures_total', 'rule', rule.name)
  }

  shadow(rule: Rule, verdict: 'allow' | 'deny' | 'failed'): void {
    this.#count('outboard_rule_shadow_verdicts_total', 'rule', rule.name, 'verdict', verdict)
  }

  instanceFailed(instance: string): void {
    this.#count('outboard_instance_failures_total', 'instance', instance)
  }

  policyApplied(handler: string, policy: string): void {
    this.#count('outboard_failure_policy_total', 'handler', handler, 'policy', policy)
  }

  #door(door: string): DoorMeters {
    let meters = this.#doors.get(door)
    if (meters === undefined) {
      const checks = (outcome: CheckOutcome) =>
        this.telemetry.counter('outboard_checks_total', { door, outcome })
      meters = {
        checks: {
          allowed: checks('allowed'),
          denied: checks('denied'),
          undecided: checks('undecided'),
          shed: checks('shed'),
        },
        seconds: this.telemetry.histogram('outboard_check_duration_seconds', { door }),
      }
      this.#doors.set(door, meters)
    }
    return meters
  }

  #count(name: string, label1: string, value1: string, label2 = '', value2 = ''): void {
    const key = `${name}|${value1}|${value2}`
    let counter = this.#counters.get(key)
    if (counter === undefined) {
      const labels = label2 === '' ? { [label1]: value1 } : { [label1]: value1, [label2]: value2 }
      counter = this.telemetry.counter(name, labels)
      this.#counters.set(key, counter)
    }
    counter.add(1)
  }
}
