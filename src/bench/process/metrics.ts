/**
 * The sum of a counter over all its labels, or over those lines that have `label` (`outcome="hit"`), as a host's admin port
 * tells it; 0 when it was never counted.
 */
export async function counted(admin: string, name: string, label = ''): Promise<number> {
  const answer = await fetch(`http://${admin}/metrics`)
  const text = await answer.text()
  return text
    .split('\n')
    .filter(line => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .filter(line => line.includes(label))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}
