/** Whether node_modules holds what package-lock.json names. */
export declare function isInstalled(root: string): boolean
/** Installs what package-lock.json names, unless it is there. */
export declare function ensureDependencies(root: string, say: (line: string) => void): Promise<void>
