/** The test itself can't go on: what it waits for will not come, or a handler does not end. The message says what to do. */
export class TestEnvironmentError extends Error {
  override readonly name = 'TestEnvironmentError'
}
