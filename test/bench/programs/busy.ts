import { answerParent } from '../../../src/bench/process/answering.js'

// Does what it is asked to: uses CPU, allocates, or ends.

answerParent({
  async burn(body) {
    const before = process.cpuUsage()
    const wantedUs = body.number('us')
    for (;;) {
      const { user, system } = process.cpuUsage(before)
      if (user + system >= wantedUs) return user + system
    }
  },
  async allocate(body) {
    const count = body.number('count')
    let kept: number[] = []
    let sum = 0
    for (let i = 0; i < count; i++) {
      kept = Array.from({ length: 128 }, () => i + 0.5) // 128 numbers of 8 bytes
      sum += kept.length
    }
    return sum
  },
  async fail() {
    throw new Error('as it was asked to')
  },
  async end() {
    process.exit(3)
  },
})
console.log('{"address": "busy"}')
