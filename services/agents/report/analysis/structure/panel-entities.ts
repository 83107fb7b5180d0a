/** The things that a panel follows over time. */
export interface PanelEntities {
  /** The column that names them; several where only together they do. */
  columns: string[]
  /** In order of their first row; several columns joined by ` · `. */
  names: string[]
  /** 0-based rows of each, in order of time; rows without a time are left out. */
  rows: Uint32Array[]
}
