export interface ApiError {
  message: string;
  field?: string;
  help?: string;
}

const helpPage = "http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html";
const customArgumentsMaxBytes = 10_000;
const recipientsMax = 1_000;
const reservedHeaders = new Set([
  "x-sg-id",
  "x-sg-eid",
  "received",
  "dkim-signature",
  "content-type",
  "content-transfer-encoding",
  "to",
  "from",
  "subject",
  "reply-to",
  "cc",
  "bcc",
]);

type Loose = Record<string, unknown>;

/** What SendGrid would find wrong with a Mail Send body, in its own words; empty where it would accept. */
export function checkMail(body: unknown): ApiError[] {
  if (!isObject(body)) return [{ message: "Bad Request" }];
  return [
    ...checkPersonalizations(body),
    ...checkFrom(body.from),
    ...checkSubject(body),
    ...checkContent(body),
    ...checkAttachments(body.attachments),
    ...checkHeaders(body.headers, "headers"),
    ...checkCategories(body.categories),
  ];
}

function checkPersonalizations({ personalizations }: Loose): ApiError[] {
  if (!Array.isArray(personalizations) || personalizations.length === 0) {
    return [{
      message: "The personalizations field is required and must have at least one personalization.",
      field: "personalizations",
      help: `${helpPage}#-Personalizations-Errors`,
    }];
  }
  return personalizations.flatMap((one, at) => checkPersonalization(one, `personalizations.${at}`));
}

function checkPersonalization(one: unknown, path: string): ApiError[] {
  const help = `${helpPage}#message.personalizations.to`;
  const to = isObject(one) ? one.to : undefined;
  if (!isObject(one) || !Array.isArray(to) || to.length === 0) {
    return [{
      message:
        "The to array is required for all personalization objects, and must have at least one email object with a valid email address.",
      field: `${path}.to`,
      help,
    }];
  }
  const lists = ["to", "cc", "bcc"].map((list) => [list, one[list] ?? []] as const);
  return [
    ...lists.flatMap(([list, addresses]) => checkAddresses(addresses, `${path}.${list}`, help)),
    ...checkUnique(lists.flatMap(([, addresses]) => addresses), path, help),
    ...checkHeaders(one.headers, `${path}.headers`),
    ...checkCustomArguments(one.custom_args, `${path}.custom_args`),
  ];
}

function checkAddresses(addresses: unknown, path: string, help: string): ApiError[] {
  if (!Array.isArray(addresses) || addresses.length > recipientsMax) {
    return [{ message: "The number of recipients is out of range.", field: path, help }];
  }
  return addresses.flatMap((address, at) =>
    isAddress(address)
      ? []
      : [{ message: "Does not contain a valid address.", field: `${path}.${at}.email`, help }]
  );
}

function checkUnique(addresses: unknown[], path: string, help: string): ApiError[] {
  const emails = addresses.filter(isAddress).map(({ email }) => email.toLowerCase());
  const twice = emails.find((email, at) => emails.indexOf(email) !== at);
  if (!twice) return [];
  return [{
    message:
      `Each email address in the personalization block should be unique between to, cc, and bcc. We found the first duplicate instance of [${twice}] in the ${path}.to field.`,
    field: path,
    help,
  }];
}

function checkCustomArguments(value: unknown, field: string): ApiError[] {
  if (value === undefined) return [];
  const isFlat = isObject(value) && Object.values(value).every((one) => typeof one === "string");
  if (!isFlat) return [{ message: "The custom_args must be an object of strings.", field }];
  const sizeBytes = new TextEncoder().encode(JSON.stringify(value)).length;
  return sizeBytes <= customArgumentsMaxBytes
    ? []
    : [{ message: "The custom_args may not exceed 10,000 bytes.", field }];
}

function checkFrom(from: unknown): ApiError[] {
  const help = `${helpPage}#message.from`;
  if (!isObject(from) || !from.email) {
    return [{
      message:
        'The from object must be provided for every email send. It is an object that requires the email parameter, but may also contain a name parameter.  e.g. {"email" : "example@example.com"}  or {"email" : "example@example.com", "name" : "Example Recipient"}.',
      field: "from.email",
      help,
    }];
  }
  if (isAddress(from)) return [];
  return [{
    message: "The from email does not contain a valid address.",
    field: "from.email",
    help,
  }];
}

function checkSubject({ subject, template_id, personalizations }: Loose): ApiError[] {
  const hasOwn = (one: unknown) => isObject(one) && isText(one.subject);
  if (isText(subject) || template_id) return [];
  if (Array.isArray(personalizations) && personalizations.every(hasOwn)) return [];
  return [{
    message:
      "The subject is required. You can get around this requirement if you use a template with a subject defined or if every personalization has a subject defined.",
    field: "subject",
    help: `${helpPage}#message.subject`,
  }];
}

function checkContent({ content, template_id }: Loose): ApiError[] {
  const help = `${helpPage}#message.content`;
  if (!Array.isArray(content) || content.length === 0) {
    if (template_id) return [];
    return [{
      message:
        "Unless a valid template_id is provided, the content parameter is required. There must be at least one defined content block. We typically suggest both text/plain and text/html blocks are included, but only one block is required.",
      field: "content",
      help,
    }];
  }
  const empty = content.findIndex((part) => !isObject(part) || !isText(part.value));
  if (empty >= 0) {
    return [{
      message: "The content value must be a string at least one character in length.",
      field: `content.${empty}.value`,
      help: `${helpPage}#message.content.value`,
    }];
  }
  return isInOrder(content.map(({ type }) => type)) ? [] : [{
    message:
      "If present, text/plain must be first, followed by text/html, followed by any other content.",
    field: "content",
    help,
  }];
}

function isInOrder(types: unknown[]): boolean {
  const ranks = types.map((type) => type === "text/plain" ? 0 : type === "text/html" ? 1 : 2);
  return ranks.every((rank, at) => at === 0 || rank >= (ranks[at - 1] ?? 0));
}

function checkAttachments(attachments: unknown): ApiError[] {
  if (attachments === undefined) return [];
  if (!Array.isArray(attachments)) {
    return [{ message: "The attachments must be an array.", field: "attachments" }];
  }
  return attachments.flatMap((attachment, at) => {
    const { content, filename } = isObject(attachment) ? attachment : {};
    if (!isText(filename)) {
      return [{
        message: "The attachment filename is required.",
        field: `attachments.${at}.filename`,
      }];
    }
    return isBase64(content) ? [] : [{
      message: "The attachment content must be base64 encoded.",
      field: `attachments.${at}.content`,
      help: `${helpPage}#message.attachments.content`,
    }];
  });
}

function checkHeaders(headers: unknown, field: string): ApiError[] {
  if (headers === undefined) return [];
  const isFlat = isObject(headers) &&
    Object.values(headers).every((one) => typeof one === "string");
  if (!isFlat) return [{ message: "The headers must be an object of strings.", field }];
  return Object.keys(headers).filter((name) => reservedHeaders.has(name.toLowerCase())).map((
    name,
  ) => ({
    message: `The header ${name} is reserved and may not be overridden.`,
    field: `${field}.${name}`,
    help: `${helpPage}#message.headers`,
  }));
}

function checkCategories(categories: unknown): ApiError[] {
  if (categories === undefined) return [];
  const fits = Array.isArray(categories) && categories.length <= 10 &&
    categories.every((one) => isText(one) && one.length <= 255);
  return fits
    ? []
    : [{ message: "There may be at most 10 categories of 255 characters.", field: "categories" }];
}

function isAddress(value: unknown): value is { email: string } {
  return isObject(value) && typeof value.email === "string" &&
    /^[^\s@<>"(),;:]+@[^\s@<>"(),;:.]+(\.[^\s@<>"(),;:.]+)+$/.test(value.email) &&
    (value.name === undefined || typeof value.name === "string");
}

function isBase64(value: unknown): boolean {
  return isText(value) && /^[A-Za-z0-9+/]*={0,2}$/.test(value) && value.length % 4 === 0;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.length > 0;
}

function isObject(value: unknown): value is Loose {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
