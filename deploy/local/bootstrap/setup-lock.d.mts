/** Runs the set-up while no other process of this checkout does. */
export declare function withSetupLock<T>(
  root: string,
  say: (line: string) => void,
  work: () => Promise<T>,
): Promise<T>
