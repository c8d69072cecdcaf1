/** A promise that a test keeps until it lets go of it. */
export function held<Answer>() {
  let release: (answer: Answer) => void = () => {}
  const promise = new Promise<Answer>(resolve => {
    release = resolve
  })
  return { promise, release }
}
