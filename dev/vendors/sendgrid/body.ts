/** The parts of a Mail Send body that the stand-in looks at, once it has been found valid. */
export interface MailBody extends Personalized {
  personalizations: Personalization[];
  from: Address;
  reply_to?: Address;
  content?: { type: string; value: string }[];
  attachments?: {
    content: string;
    filename: string;
    type?: string;
    disposition?: string;
    content_id?: string;
  }[];
  categories?: string[];
}

export interface Address {
  email: string;
  name?: string;
}

interface Personalized {
  subject?: string;
  headers?: Record<string, string>;
  custom_args?: Record<string, string>;
}

export interface Personalization extends Personalized {
  from?: Address;
  to?: Address[];
  cc?: Address[];
  bcc?: Address[];
}
