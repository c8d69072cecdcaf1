import type { Rule } from '../config/snapshot.js'
import type { Counter, Histogram, Telemetry } from '../telemetry/index.js'

/** Counters made once per set of labels and then found again. */
export class Meters {
  readonly #counters = new Map<string, Counter>()
  readonly #histograms = new Map<string, Histogram>()

  constructor(private readonly telemetry: Telemetry) {}

  check(door: string, outcome: 'allowed' | 'denied' | 'undecided' | 'shed'): void {
    this.#count('outboard_checks_total', 'door', door, 'outcome', outcome)
  }

  report(door: string, outcome: 'taken' | 'failed' | 'shed'): void {
    this.#count('outboard_reports_total', 'door', door, 'outcome', outcome)
  }

  quota(outcome: 'granted' | 'partly' | 'refused' | 'failed' | 'unconfigured'): void {
    this.#count('outboard_quotas_total', 'outcome', outcome)
  }

  /** Seconds that a check took in the engine. */
  checkSeconds(door: string, seconds: number): void {
    let histogram = this.#histograms.get(door)
    if (histogram === undefined) {
      histogram = this.telemetry.histogram('outboard_check_duration_seconds', { door })
      this.#histograms.set(door, histogram)
    }
    histogram.record(seconds)
  }

  matched(rule: Rule): void {
    this.#count('outboard_rule_matches_total', 'rule', rule.name, 'enforcement', rule.enforcement)
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
