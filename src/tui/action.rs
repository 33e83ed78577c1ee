//! The one table of what a key can be bound to; keys, hints, help, palette and documentation are made from it.

use Scope::{Activity, Agents, Answer, Board, Card, Everywhere, Grab, Inbox, Plan, Task};

/// Where an action can be used. Inner scopes come before outer ones when a key is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// On every screen.
    Everywhere,
    /// Wherever a card has the cursor.
    Card,
    /// On the board.
    Board,
    /// While a card is being moved.
    Grab,
    /// On the screen of one task.
    Task,
    /// Among the agents.
    Agents,
    /// In the inbox.
    Inbox,
    /// In the answer sheet.
    Answer,
    /// In the log.
    Activity,
    /// In the sprint plan.
    Plan,
}

impl Scope {
    /// Every scope with its name in key files.
    pub const ALL: &'static [(Self, &'static str)] = &[
        (Everywhere, "everywhere"),
        (Card, "card"),
        (Board, "board"),
        (Grab, "grab"),
        (Task, "task"),
        (Agents, "agents"),
        (Inbox, "inbox"),
        (Answer, "answer"),
        (Activity, "activity"),
        (Plan, "plan"),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

macro_rules! actions {
    ($($action:ident = $id:literal, $scope:ident, $title:literal, $help:literal;)+) => {
        /// Something a key, a button or a line of the palette does.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action { $(#[doc = $help] $action),+ }

        impl Action {
            /// Every action, in the order of the help.
            pub const ALL: &'static [Self] = &[$(Self::$action),+];

            /// What the table says about it.
            pub fn entry(self) -> &'static Entry {
                &TABLE[self as usize]
            }
        }

        const TABLE: &[Entry] = &[$(Entry { id: $id, scope: Scope::$scope, title: $title, help: $help }),+];
    };
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Its name in key files and after a colon.
    pub id: &'static str,
    /// Where it can be used.
    pub scope: Scope,
    /// In a few words.
    pub title: &'static str,
    /// In a sentence.
    pub help: &'static str,
}

actions! {
    Down = "down", Everywhere, "down", "Go to the next entry.";
    Up = "up", Everywhere, "up", "Go to the previous entry.";
    Left = "left", Everywhere, "left", "Go to what is on the left.";
    Right = "right", Everywhere, "right", "Go to what is on the right.";
    First = "first", Everywhere, "first", "Go to the first entry.";
    Last = "last", Everywhere, "last", "Go to the last entry.";
    HalfDown = "half-down", Everywhere, "half a page down", "Go half a page down.";
    HalfUp = "half-up", Everywhere, "half a page up", "Go half a page up.";
    PageDown = "page-down", Everywhere, "page down", "Go a page down.";
    PageUp = "page-up", Everywhere, "page up", "Go a page up.";
    Open = "open", Everywhere, "open", "Open what has the cursor. Opening never changes anything.";
    Peek = "peek", Everywhere, "peek", "Show or hide a look at what has the cursor, beside the list.";
    Back = "back", Everywhere, "back", "Go back: close, clear the selection, clear the filter, in this order.";
    ShowBoard = "board", Everywhere, "Board", "Go to the board.";
    ShowAgents = "agents", Everywhere, "Agents", "Go to the agents.";
    ShowPlan = "plan", Everywhere, "Plan", "Go to the sprint plan.";
    ShowInbox = "inbox", Everywhere, "Inbox", "Go to the questions that wait for you.";
    ShowActivity = "activity", Everywhere, "Activity", "Go to the log of everything that happened.";
    ShowForecast = "forecast", Everywhere, "forecast", "Show how the running sprint will probably end, what would help, and who does what when.";
    ShowRetro = "retro", Everywhere, "retrospective", "Show what the sprint that was closed last teaches; a digit makes a proposal so.";
    Answer = "answer", Everywhere, "answer", "Answer the question that costs most to leave, over whatever is on the screen.";
    Commands = "commands", Everywhere, "command", "Find any action by its name and run it.";
    Help = "help", Everywhere, "keys", "Show the keys that work here. Type to find one, Enter runs it.";
    Filter = "filter", Everywhere, "filter", "Show only what has these words; a leading ! shows the rest.";
    Mine = "mine", Everywhere, "mine", "Show only what is assigned to you, or everything again.";
    Undo = "undo", Everywhere, "undo", "Take your last change back; for five seconds, take back an answer.";
    Redo = "redo", Everywhere, "redo", "Do again what undo took back.";
    Density = "density", Everywhere, "density", "Change between compact, normal and roomy cards.";
    CopyId = "copy-id", Everywhere, "copy the number", "Copy the number of what has the cursor.";
    CopyTitle = "copy-title", Everywhere, "copy the title", "Copy the title of what has the cursor.";
    CopyMarkdown = "copy-markdown", Everywhere, "copy as Markdown", "Copy what has the cursor as a Markdown list entry.";
    Theme = "theme", Everywhere, "theme", "Choose a theme.";
    Mouse = "mouse", Everywhere, "mouse", "Hand the mouse to the terminal for selecting text, or take it back.";
    Keep = "keep", Everywhere, "keep", "Keep this demonstration: copy its board into a project folder.";
    Redraw = "redraw", Everywhere, "redraw", "Draw everything anew.";
    Suspend = "suspend", Everywhere, "suspend", "Go back to the shell; `fg` returns.";
    Cancel = "cancel", Everywhere, "cancel", "Cancel what is being done; twice in a row quits.";
    Quit = "quit", Everywhere, "quit", "Go back, and from a main screen, quit.";

    MoveNext = "move-next", Card, "move to the next lane", "Move the card, or the selected ones, to the next lane.";
    MovePrevious = "move-previous", Card, "move to the previous lane", "Move the card, or the selected ones, to the previous lane.";
    Assign = "assign", Card, "assign", "Choose who does it.";
    Priority = "priority", Card, "priority", "Choose how urgent it is.";
    Estimate = "estimate", Card, "estimate", "Say how big it is: points, or minutes as in 90m or 2h.";
    Labels = "labels", Card, "labels", "Change its labels.";
    Depends = "depends", Card, "depends", "Let it wait for another task.";
    Sprint = "sprint", Card, "sprint", "Put it into a sprint, or take it out.";
    EditTitle = "edit-title", Card, "title", "Change the title.";
    EditText = "edit-text", Card, "text", "Change the text in $EDITOR.";
    Comment = "comment", Card, "comment", "Say something about it, to people and agents.";
    Block = "block", Card, "block", "Say why it cannot go on; on a blocked card, say that it can.";
    Complete = "complete", Card, "complete", "Say that it is done.";
    Retry = "retry", Card, "retry", "Queue a failed card again.";
    Reopen = "reopen", Card, "reopen", "Take up again what had ended.";
    CancelTask = "cancel-task", Card, "do not do it", "Cancel the card.";
    Expedite = "expedite", Card, "expedite", "Let it pass the lane limits, one card at a time.";
    Archive = "archive", Card, "archive", "Put it away.";

    New = "new", Board, "new", "Write down a new task in this lane.";
    GrabCard = "grab", Board, "move", "Pick the card up, to move it with h and l.";
    Select = "select", Board, "select", "Select the card, or not any more.";
    SelectRange = "select-range", Board, "select a range", "Select from here to where the cursor goes.";
    SelectAll = "select-all", Board, "select all", "Select every card of this lane.";

    GrabLeft = "grab-left", Grab, "left", "Towards the previous lane.";
    GrabRight = "grab-right", Grab, "right", "Towards the next lane.";
    GrabDrop = "grab-drop", Grab, "drop", "Leave the card in this lane.";
    GrabCancel = "grab-cancel", Grab, "cancel", "Leave the card where it was.";

    NextSection = "next-section", Task, "next section", "Go to the next section.";
    PreviousSection = "previous-section", Task, "previous section", "Go to the previous section.";
    NextTask = "next-task", Task, "next task", "Go to the next task of the lane.";
    PreviousTask = "previous-task", Task, "previous task", "Go to the previous task of the lane.";

    Drain = "drain", Agents, "drain", "Let the agent finish what it has and take nothing new, or let it go on.";
    AgentLimit = "agent-limit", Agents, "limit", "Say how many tasks the agent may have at once.";

    AnswerThis = "answer-this", Inbox, "answer", "Open the answer sheet for this question.";
    WordsThis = "words-this", Inbox, "in words", "Answer this question in words.";
    OpenTask = "open-task", Inbox, "open task", "Open the task that the question is about.";
    DelegateThis = "delegate", Inbox, "delegate", "Let somebody else answer.";
    SnoozeThis = "snooze", Inbox, "snooze", "Ask again later.";
    MarkRead = "mark-read", Inbox, "mark read", "Put a notice away.";

    SheetDown = "sheet-down", Answer, "next", "Go to the next option.";
    SheetUp = "sheet-up", Answer, "previous", "Go to the previous option.";
    SheetSend = "sheet-send", Answer, "send", "Send the option; u takes it back for five seconds.";
    SheetWords = "sheet-words", Answer, "in words", "Answer in words.";
    SheetDelegate = "sheet-delegate", Answer, "someone else", "Let somebody else answer.";
    SheetSnooze = "sheet-snooze", Answer, "snooze", "Ask again later.";
    SheetEvidence = "sheet-evidence", Answer, "evidence", "Open the task that the question is about.";
    SheetNext = "sheet-next", Answer, "next question", "Go to the next question.";
    SheetTakeBack = "sheet-take-back", Answer, "take back", "Take back the answer that was sent last.";
    SheetLater = "sheet-later", Answer, "later", "Leave the question waiting.";

    Follow = "follow", Activity, "follow", "Stay at the newest entry, or not.";
    UndoThis = "undo-this", Activity, "undo this", "Take this one change back.";

    PlanPick = "plan-pick", Plan, "pick", "Put the task into the sprint, or take it out; in step 2, the agent.";
    PlanStretch = "plan-stretch", Plan, "if there is time", "Commit to the task, or do it only if there is time.";
    PlanEstimate = "plan-estimate", Plan, "estimate", "Say how big it is: points, or minutes as in 90m or 2h.";
    PlanFill = "plan-fill", Plan, "fill to capacity", "Pick the tasks that are worth most and fit, as the scheduler finds them.";
    PlanPromise = "plan-promise", Plan, "promise what holds", "Promise only what is done in time with 80 %; the rest is done if there is time.";
    PlanSplit = "plan-split", Plan, "split", "Make two tasks of this one, along its checklist if it has one.";
    PlanSort = "plan-sort", Plan, "sort", "Sort the tasks by value for size, by urgency, by size, by age.";
    PlanChanges = "plan-changes", Plan, "what changes", "Show what changes if this task is picked or left out.";
    PlanNext = "plan-next", Plan, "next step", "Go to the next step; each can be opened at any time.";
    PlanPrevious = "plan-previous", Plan, "previous step", "Go to the previous step.";
}

impl Action {
    /// The action of this name.
    pub fn named(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.entry().id == id)
    }
}

/// An entry of the bottom row: what some keys do, in a word. The first entries are the last to go when it gets narrow.
pub type Hint = (&'static [Action], &'static str);

/// The bottom row of a scope.
pub fn hints(scope: Scope) -> &'static [Hint] {
    use Action as A;
    match scope {
        Board => &[
            (&[A::Left, A::Down, A::Up, A::Right], "go"),
            (&[A::MovePrevious, A::MoveNext], "move card"),
            (&[A::Open], "open"),
            (&[A::New], "new"),
            (&[A::Assign], "assign"),
            (&[A::Filter], "filter"),
            (&[A::Undo], "undo"),
            (&[A::Peek], "peek"),
            (&[A::Priority], "priority"),
            (&[A::Commands], "command"),
        ],
        Grab => &[
            (&[A::GrabLeft, A::GrabRight], "choose a lane"),
            (&[A::GrabDrop], "drop"),
            (&[A::GrabCancel], "leave it where it was"),
        ],
        Task => &[
            (&[A::Down, A::Up], "scroll"),
            (&[A::PreviousSection, A::NextSection], "section"),
            (&[A::EditTitle], "title"),
            (&[A::EditText], "text"),
            (&[A::Comment], "comment"),
            (&[A::Assign], "assign"),
            (&[A::Block], "block"),
            (&[A::MovePrevious, A::MoveNext], "move"),
            (&[A::Back], "back"),
        ],
        Agents => &[
            (&[A::Down, A::Up], "choose"),
            (&[A::Open], "open task"),
            (&[A::Drain], "drain"),
            (&[A::AgentLimit], "limit"),
            (&[A::Filter], "filter"),
            (&[A::Commands], "command"),
        ],
        Inbox => &[
            (&[A::Down, A::Up], "choose"),
            (&[A::AnswerThis], "answer"),
            (&[A::OpenTask], "open task"),
            (&[A::DelegateThis], "delegate"),
            (&[A::SnoozeThis], "snooze"),
            (&[A::MarkRead], "mark read"),
            (&[A::Undo], "take back"),
        ],
        Answer => &[
            (&[A::SheetDown, A::SheetUp], "pick"),
            (&[A::SheetSend], "send, u takes it back for 5 s"),
            (&[A::SheetWords], "in words"),
            (&[A::SheetLater], "later"),
        ],
        Activity => &[
            (&[A::Down, A::Up], "choose"),
            (&[A::UndoThis], "undo this one"),
            (&[A::Open], "open task"),
            (&[A::Follow], "follow"),
            (&[A::Filter], "filter"),
        ],
        Plan => &[
            (&[A::PlanNext, A::PlanPrevious], "step"),
            (&[A::Open], "change, start"),
            (&[A::PlanPick], "pick"),
            (&[A::PlanEstimate], "estimate"),
            (&[A::PlanFill], "fill"),
            (&[A::PlanPromise], "promise what holds"),
            (&[A::PlanChanges], "what changes"),
            (&[A::PlanSplit], "split"),
            (&[A::PlanStretch], "if there is time"),
            (&[A::PlanSort], "sort"),
            (&[A::Undo], "undo"),
        ],
        Everywhere | Card => &[(&[A::Commands], "command"), (&[A::Back], "back")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_lead_back() {
        for action in Action::ALL {
            assert_eq!(Action::named(action.entry().id), Some(*action));
        }
    }

    #[test]
    fn scopes_are_listed_in_order() {
        for (i, (scope, _)) in Scope::ALL.iter().enumerate() {
            assert_eq!(*scope as usize, i);
        }
    }
}
