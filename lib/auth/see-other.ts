import 'server-only'

/**
 * Sends the browser on by GET (303), to a path of ours: it stays on the host that it asked.
 * @param clearSiteData also makes it throw away what it stored for us (ASVS 5.0 14.3.1)
 */
export function seeOther(path: string, { clearSiteData = false } = {}): Response {
  const headers = new Headers({ Location: path })
  if (clearSiteData) headers.set('Clear-Site-Data', '"cache", "storage"')
  return new Response(null, { status: 303, headers })
}
