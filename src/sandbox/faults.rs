//! Trouble on demand: outages, throttling and lost answers that a test or a demonstration asks for.

use http::StatusCode;

/// A fault in a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// `ThrottlingException`, `Rate exceeded`: nothing is carried out.
    Throttled,
    /// `ServerException`, HTTP 500: nothing is carried out.
    ServerError,
    /// HTTP 500 with a body of HTML, as a proxy or a broken server sends it: nothing is carried out.
    HtmlPage,
    /// A page of HTML with this HTTP status, as a gateway sends it in the server's place: nothing is carried out.
    GatewayPage(u16),
    /// The same page, but the call is carried out.
    DoneBehindPage(u16),
    /// The call is carried out, and its answer holds this value at this JSON pointer in place of its own.
    Altered(String, serde_json::Value),
    /// An error of this HTTP status, code and message: nothing is carried out.
    Error(u16, String, String),
    /// The connection breaks: nothing is carried out.
    Broken,
    /// The call is carried out, but the connection breaks before its answer.
    AnswerLost,
    /// No answer ever comes, and nothing is carried out.
    Silence,
    /// A read of a policy shows what was there before the last write.
    StaleRead,
    /// The same within a second of a write by a request; later reads are whole.
    RecentStaleRead,
}

/// A line of the script.
#[derive(Debug, Clone)]
struct ScriptLine {
    /// `None`: any operation.
    operation: Option<String>,
    /// Calls that go through first.
    skip: u32,
    times: u32,
    trouble: Trouble,
}

/// The faults to come.
#[derive(Debug, Default)]
pub(super) struct Script {
    lines: Vec<ScriptLine>,
}

impl Script {
    pub fn add_line(&mut self, operation: Option<&str>, skip: u32, times: u32, trouble: Trouble) {
        self.lines.push(ScriptLine { operation: operation.map(str::to_owned), skip, times, trouble });
    }

    pub fn end_all(&mut self) {
        self.lines.clear();
    }

    /// Returns the fault of this call. Each line counts the calls that it fits.
    pub fn next_fault(&mut self, operation: &str) -> Option<Trouble> {
        let line = self
            .lines
            .iter_mut()
            .find(|l| l.times > 0 && l.operation.as_deref().is_none_or(|wanted| wanted == operation))?;
        if line.skip > 0 {
            line.skip -= 1;
            return None;
        }
        line.times -= 1;
        let trouble = line.trouble.clone();
        self.lines.retain(|l| l.times > 0);
        Some(trouble)
    }
}

impl Trouble {
    /// Returns the status of a scripted error.
    pub(super) fn status_code(number: u16) -> StatusCode {
        StatusCode::from_u16(number).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_script_counts_only_the_calls_that_it_fits() {
        let mut script = Script::default();
        script.add_line(Some("GetRepositoryPolicy"), 1, 2, Trouble::Throttled);
        assert_eq!(script.next_fault("SetRepositoryPolicy"), None);
        assert_eq!(script.next_fault("GetRepositoryPolicy"), None);
        assert_eq!(script.next_fault("GetRepositoryPolicy"), Some(Trouble::Throttled));
        assert_eq!(script.next_fault("GetRepositoryPolicy"), Some(Trouble::Throttled));
        assert_eq!(script.next_fault("GetRepositoryPolicy"), None);
    }
}
