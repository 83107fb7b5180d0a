/** What the build turns into files of its own. */
declare module '*.css'
