import 'server-only'
import { access } from 'node:fs/promises'

/** Whether a file of this name is there, readable or not. */
export const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  )
