//! The form of the texts that a request can hold: words of fields, so that keys which tell of one thing read one word.

/// A field of a word, a bit each, so that a set of fields is a number.
pub(in crate::access) type WordFields = u16;

/// The characters of a free field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LetterClass {
    Digit,
    /// Names of roles, users and sessions. Source: API models of IAM and STS (`[\w+=,.@-]`).
    Name,
    /// Paths of roles and users, as far as a principal's ARN may have them.
    Path,
    /// Paths as IAM takes them: any visible ASCII character.
    AnyPath,
    /// The part behind `o-` in the id of an organization.
    Organization,
    /// The principal of a service.
    Service,
    /// The partition, the service and the Region of an ARN.
    Word,
    /// The kind of a resource of Lambda's.
    Kind,
    /// The name of a resource of Lambda's, or its version.
    Function,
    /// Keys and values of tags. Source: API model of IAM (letters, digits, blanks and `_.:/=+-@`).
    Tag,
    /// Anything.
    Text,
}

impl LetterClass {
    pub fn has(self, c: char) -> bool {
        match self {
            Self::Digit => c.is_ascii_digit(),
            Self::Name => c.is_ascii_alphanumeric() || "_+=,.@-".contains(c),
            Self::Path => c.is_ascii_graphic() && !"*?$<>{}".contains(c),
            Self::AnyPath => c.is_ascii_graphic(),
            Self::Organization => c.is_ascii_lowercase() || c.is_ascii_digit(),
            Self::Service => c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.',
            Self::Word => c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-',
            Self::Kind => c.is_ascii_lowercase() || c == '-',
            Self::Function => c.is_ascii_alphanumeric() || "-_$".contains(c),
            Self::Tag => c.is_alphanumeric() || "_.:/=+-@ ".contains(c),
            Self::Text => true,
        }
    }

    /// A character of the class that is not among others: it stands for all that are not.
    pub fn other(self, usual: &str, is_mentioned: &dyn Fn(char) -> bool) -> Option<char> {
        let is_free = |c: &char| self.has(*c) && !is_mentioned(*c);
        let preferred = usual.chars().chain("exaionsz9876543210q".chars());
        if let Some(found) = preferred.chain('!'..='~').find(is_free) {
            return Some(found);
        }
        let is_wide = matches!(self, Self::Text | Self::Tag);
        ('\u{e0}'..='\u{2ff}').chain('\u{4e00}'..='\u{9fff}').filter(|_| is_wide).find(is_free)
    }
}

/// A field of a word.
#[derive(Debug, Clone)]
pub(super) struct Field {
    /// Its bit.
    pub is: WordFields,
    pub text: FieldText,
}

#[derive(Debug, Clone)]
pub(super) enum FieldText {
    Fixed(String),
    Free {
        class: LetterClass,
        least: usize,
        most: usize,
        /// A text that people know, tried before others.
        usual: String,
    },
}

/// The fields of a word, one after the other.
pub(super) type Shape = Vec<Field>;

/// A text that a request can hold, by its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::access) struct Word(pub Vec<(WordFields, String)>);

impl Word {
    /// The text of some of its fields.
    pub fn view(&self, fields: WordFields) -> String {
        self.texts(fields).collect()
    }

    /// The characters of some of its fields.
    pub fn chars(&self, fields: WordFields) -> impl Iterator<Item = char> + Clone {
        self.texts(fields).flat_map(str::chars)
    }

    fn texts(&self, fields: WordFields) -> impl Iterator<Item = &str> + Clone {
        self.0.iter().filter(move |(is, _)| is & fields != 0).map(|(_, text)| text.as_str())
    }
}

pub(super) fn fixed(is: WordFields, text: impl Into<String>) -> Field {
    Field { is, text: FieldText::Fixed(text.into()) }
}

pub(super) fn free(is: WordFields, class: LetterClass, least: usize, most: usize, usual: impl Into<String>) -> Field {
    Field { is, text: FieldText::Free { class, least, most, usual: usual.into() } }
}

pub(super) const ENDLESS: usize = usize::MAX;

/// All fields of a word.
pub(super) const WHOLE: WordFields = WordFields::MAX;
/// The account of a caller or of a resource.
pub(in crate::access) const ACCOUNT: WordFields = 1 << 1;
const BEFORE: WordFields = 1;
const KIND: WordFields = 1 << 2;
const PATH: WordFields = 1 << 3;
/// The name of a role or user.
pub(super) const NAME: WordFields = 1 << 4;
const SLASH: WordFields = 1 << 5;
/// The name of a session, or of the user behind a federated one.
pub(super) const SESSION: WordFields = 1 << 6;
/// The service of an ARN of a resource that is not Lambda's.
pub(super) const SERVICE: WordFields = 1 << 8;
/// An account that is told beside an ARN without one.
pub(super) const BESIDE: WordFields = 1 << 7;
/// The ARN of a caller, or of a session's role.
pub(super) const ARN: WordFields = BEFORE | ACCOUNT | KIND | PATH | NAME;
/// The ARN without the name at its end.
pub(super) const BEFORE_NAME: WordFields = BEFORE | ACCOUNT | KIND | PATH;
/// Account and name of a session's role, as the session's own ARN has them.
pub(super) const ROLE_OF_SESSION: WordFields = ACCOUNT | KIND | NAME;
/// The same with the session's name.
pub(super) const OWN_OF_SESSION: WordFields = ROLE_OF_SESSION | SLASH | SESSION;

/// The kinds of callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::access) enum CallerKind {
    Role,
    User,
    Root,
    Session,
    Federated,
    Service,
}

/// The words of callers. A path is `/` or `/.../`: a name alone, or one with a path before it.
pub(super) fn callers(kind: CallerKind, partition: &str, account: &str, word: &str) -> Vec<Shape> {
    let begin = |service: &str| fixed(BEFORE, format!("arn:{partition}:{service}::"));
    let of = || free(ACCOUNT, LetterClass::Digit, 12, 12, account);
    let name = |most: usize| free(NAME, LetterClass::Name, 1, most, word);
    let session = || vec![fixed(SLASH, "/"), free(SESSION, LetterClass::Name, 1, 64, word)];
    let with_path = |kind: &str, path: LetterClass| {
        [vec![], vec![free(PATH, path, 1, 510, word), fixed(PATH, "/")]].map(|between| {
            let mut shape = vec![begin("iam"), of(), fixed(KIND, format!(":{kind}/"))];
            shape.extend(between);
            shape.push(name(64));
            shape
        })
    };
    match kind {
        CallerKind::Role => with_path("role", LetterClass::Path).into(),
        CallerKind::User => with_path("user", LetterClass::Path).into(),
        CallerKind::Session => {
            let longer = |mut shape: Shape| {
                shape.extend(session());
                shape
            };
            with_path("role", LetterClass::AnyPath).map(longer).into()
        }
        CallerKind::Root => vec![vec![begin("iam"), of(), fixed(KIND, ":root")]],
        CallerKind::Federated => {
            // Who a federated user was before has a name of its own, or none.
            let user = free(SESSION, LetterClass::Name, 1, 64, word);
            vec![vec![begin("sts"), of(), fixed(KIND, ":federated-user/"), name(64), user]]
        }
        CallerKind::Service => vec![vec![free(NAME, LetterClass::Service, 3, 128, format!("{word}.amazonaws.com"))]],
    }
}

/// The word of a role or user, from its ARN; for a session one of the role with a name of its own.
pub(super) fn word_of(arn: &str, session: Option<&str>) -> Option<Word> {
    let account_at = arn.match_indices(':').nth(3)?.0 + 1;
    let (begin, rest) = arn.split_at_checked(account_at)?;
    let (account, resource) = rest.split_at_checked(12)?;
    let (kind, name) = resource.split_at_checked(resource.find('/')? + 1)?;
    let text = |is: WordFields, text: &str| (is, text.to_owned());
    let mut fields = vec![text(BEFORE, begin), text(ACCOUNT, account), text(KIND, kind)];
    let name = match name.rsplit_once('/') {
        Some((path, name)) => {
            fields.extend([text(PATH, path), text(PATH, "/")]);
            name
        }
        None => name,
    };
    fields.push(text(NAME, name));
    if let Some(session) = session {
        fields.extend([text(SLASH, "/"), text(SESSION, session)]);
    }
    Some(Word(fields))
}

/// The words of ARNs: of a resource of Lambda's, of any other with an account, of one without. Lambda's names have no
/// colons (API model of Lambda), so that nothing behind the account passes for another one.
pub(super) fn arns(partition: &str, account: &str, word: &str) -> Vec<Shape> {
    let begin = |service: Field| {
        vec![
            fixed(BEFORE, "arn:"),
            free(BEFORE, LetterClass::Word, 1, ENDLESS, partition),
            fixed(BEFORE, ":"),
            service,
            fixed(BEFORE, ":"),
            free(BEFORE, LetterClass::Word, 0, ENDLESS, "eu-west-2"),
            fixed(BEFORE, ":"),
        ]
    };
    let with = |service: Field, of: Field, rest: Vec<Field>| {
        let mut shape = begin(service);
        shape.extend([of, fixed(KIND, ":")]);
        shape.extend(rest);
        shape
    };
    let id = || free(ACCOUNT, LetterClass::Digit, 12, 12, account);
    let lambda = || fixed(BEFORE, "lambda");
    let kind = || free(NAME, LetterClass::Kind, 1, ENDLESS, "function");
    let name = |text: &str| free(NAME, LetterClass::Function, 1, ENDLESS, text);
    // The service is not Lambda's where the resource is of another form: a test keeps it so.
    let other = || free(SERVICE | BEFORE, LetterClass::Word, 1, ENDLESS, "codebuild");
    let any = || free(NAME, LetterClass::Text, 1, ENDLESS, format!("project/{word}"));
    vec![
        with(lambda(), id(), vec![kind(), fixed(NAME, ":"), name(word)]),
        with(lambda(), id(), vec![kind(), fixed(NAME, ":"), name(word), fixed(NAME, ":"), name("1")]),
        with(other(), id(), vec![any()]),
        with(other(), fixed(PATH, ""), vec![any()]),
    ]
}

/// The words of account ids.
pub(super) fn accounts(account: &str) -> Vec<Shape> {
    vec![vec![free(ACCOUNT, LetterClass::Digit, 12, 12, account)]]
}

/// The id of an organization.
pub(super) const ORGANIZATION: WordFields = BEFORE;

/// The place at which path `at` of an organization's word has its text behind the id.
pub(super) fn place(at: usize) -> WordFields {
    1 << (at + 1)
}

/// The most paths of one word.
pub(super) const MOST_PATHS: usize = 14;

/// The words of organizations: an id, and as many paths in it as are asked for.
pub(super) fn organizations(id: &str, paths: usize, word: &str) -> Vec<Shape> {
    let mut shape = vec![fixed(ORGANIZATION, "o-"), free(ORGANIZATION, LetterClass::Organization, 1, 32, id)];
    for at in 0..paths.min(MOST_PATHS) {
        shape.push(fixed(place(at), "/"));
        shape.push(free(place(at), LetterClass::AnyPath, 0, ENDLESS, format!("r-{word}/ou-{word}/")));
    }
    vec![shape]
}

/// The words of any text.
pub(super) fn texts(least: usize, usual: &str) -> Vec<Shape> {
    vec![vec![free(BEFORE, LetterClass::Text, least, ENDLESS, usual)]]
}

/// The words of tags.
pub(super) fn tags(least: usize, usual: &str) -> Vec<Shape> {
    vec![vec![free(BEFORE, LetterClass::Tag, least, 256, usual)]]
}
