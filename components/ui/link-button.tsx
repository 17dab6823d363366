import type { ReactNode } from 'react'
import { AppLink } from './app-link.tsx'
import { buttonClass, type ButtonVariant } from './button-class.ts'
import { Icon, type IconName } from './icon.tsx'

type Props = {
  href: string
  children: ReactNode
  variant?: ButtonVariant | undefined
  icon?: IconName | undefined
}

/** A link that looks like a button because it starts the next step. */
export function LinkButton({ href, children, variant = 'primary', icon }: Props) {
  return (
    <AppLink href={href} className={buttonClass(variant)}>
      {icon && <Icon name={icon} size={18} />}
      {children}
    </AppLink>
  )
}
