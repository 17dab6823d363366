import 'server-only'
import path from 'node:path'

/** The directory of the home that holds the sealed files of exports, for its owner's eyes alone. */
export const exportFolder = (home: string): string => path.join(home, 'exports')

/** The sealed file of one attempt to make an export. Its name says nothing but which. */
export const exportFile = (home: string, exportId: string, attempt: number): string =>
  path.join(exportFolder(home), `${exportId}.${attempt}.sealed`)

/** The name that a file is sealed under, so that one export's file cannot stand in for another's. */
export const sealedFileName = (exportId: string, attempt: number): string => `export/${exportId}/${attempt}`
