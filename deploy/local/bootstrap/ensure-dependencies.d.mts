/** Whether node_modules holds what package-lock.json names. */
export declare function isInstalled(root: string): boolean
