//! Headers, definitions and helper functions, chosen by the words that a program uses.

use std::collections::BTreeSet;

use mapspec_model::op::{Handler, Name, PinName};

use super::body::{AREA, Body, indented};
use super::pins::Means;

/// A helper function: the words by which it is used, and its text. Each comes before those that use
/// it.
struct Helper(&'static [&'static str], &'static str);

macro_rules! helpers {
    ($($file:literal: $($word:literal),+;)+) => {
        &[$(Helper(&[$($word),+], include_str!(concat!("helpers/", $file, ".c")))),+]
    };
}

const HELPERS: &[Helper] = helpers! {
    "verdict": "AS_SPECIFIED", "NOT_AS_SPECIFIED", "CANNOT_TELL";
    "finish": "finish";
    "cannot_tell": "cannot_tell";
    "go_on": "GO_ON";
    "give_turn": "give_turn";
    "wait_for_turn": "wait_for_turn";
    "wait_for_end": "wait_for_end";
    "make_pipes": "make_pipes";
    "reserve": "reserve";
    "share_pids": "share_pids", "pids";
    "plain_fork": "plain_fork";
    "start_process": "start_process";
    "start_known_process": "start_known_process";
    "limit_file_size": "limit_file_size";
    "expect": "EXPECT";
    "expect_error": "EXPECT_ERROR";
    "expect_descriptor": "EXPECT_DESCRIPTOR";
    "expect_one_of": "EXPECT_ONE_OF";
    "expect_text": "EXPECT_TEXT";
    "either": "either";
    "unmap_elsewhere": "unmap_elsewhere";
    "assume": "ASSUME", "assume";
    "next_event": "next_event";
    "expect_event": "EXPECT_EVENT";
    "assume_error": "ASSUME_ERROR";
    "on_fault": "catch_faults", "before_access", "fault";
    "expect_fault": "EXPECT_FAULT";
    "load": "load";
    "store": "store";
    "load_or_fault": "load_or_fault";
    "store_or_fault": "store_or_fault";
    "compare_exchange": "compare_exchange";
    "compare_exchange_or_fault": "compare_exchange_or_fault";
    "execute": "execute";
    "execute_or_fault": "execute_or_fault";
    "copied": "copied";
    "read_from_process": "read_from_process";
    "write_to_process": "write_to_process";
    "open_memory_file": "open_memory_file";
    "read_memory_file": "read_memory_file";
    "write_memory_file": "write_memory_file";
    "read_byte": "read_byte", "END_OF_FILE";
    "fill": "fill";
    "fill_in_halves": "fill_in_halves";
    "open_unnamed": "open_unnamed";
    "make_pipe": "make_pipe";
    "make_used_pipe": "make_used_pipe";
    "unpin": "unpin";
    "keep_pipe": "keep_pipe";
    "pin_by_splice": "pin_by_splice";
    "pin_by_sendfile": "pin_by_sendfile";
    "pin_by_vmsplice": "pin_by_vmsplice";
    "write_pipe": "write_pipe";
    "read_pipe": "read_pipe";
    "read_pin": "read_pin";
    "make_userfaultfd": "make_userfaultfd";
    "close_userfaultfd": "close_userfaultfd";
    "make_range": "make_range";
    "register_range": "register_range";
    "unregister_range": "unregister_range";
    "wake": "wake";
    "copy_page": "copy_page";
    "zero_pages": "zero_pages";
    "map_cached_pages": "map_cached_pages";
    "poison": "poison";
    "move_range": "move_range";
    "write_protect": "write_protect";
    "waiter": "waiter", "still_waits";
    "waits": "waits";
    "result_of_access": "result_of_access";
    "copy": "copy";
    "cancel_copy": "cancel_copy";
    "pin_by_copy": "pin_by_copy";
    "pin_to_read": "pin_to_read";
    "pin_to_write": "pin_to_write";
    "finish_copy": "finish_copy";
    "finish_reading": "finish_reading";
    "finish_writing": "finish_writing";
    "buffer": "buffer", "unregister_buffer";
    "register_buffer": "register_buffer";
    "move_byte": "move_byte";
    "read_buffer": "read_buffer";
    "write_buffer": "write_buffer";
    "gup_test": "pin_by_gup_test";
    "read_by_gup_test": "read_by_gup_test";
    "unpin_by_gup_test": "unpin_by_gup_test";
    "size_of_file": "size_of_file";
    "reopen": "reopen";
    "name_of_length": "name_of_length";
    "permissions": "permissions";
    "pagemap_entry": "pagemap_entry", "PAGEMAP_FRAME";
    "soft_dirty_is_known": "soft_dirty_is_known";
    "clear_soft_dirty": "clear_soft_dirty";
    "is_soft_dirty": "is_soft_dirty";
    "is_swapped": "is_swapped";
    "categories": "categories", "IS_WRITTEN", "IS_WPALLOWED";
    "is_zero_page": "is_zero_page";
    "page_states": "PAGE_NONE";
    "page_state": "page_state";
    "scanned_state": "scanned_state";
    "has_category": "has_category";
    "is_in_memory": "is_in_memory";
    "same_frame": "same_frame";
};

/// The header of each word; a word that ends with `*` is the beginning of several.
const HEADERS: &[(&str, &[&str])] = &[
    ("errno.h", &["errno", "E*"]),
    (
        "fcntl.h",
        &["open", "fcntl", "fallocate", "splice", "tee", "vmsplice", "FALLOC_*", "O_*", "F_*"],
    ),
    ("limits.h", &["NAME_MAX"]),
    ("linux/io_uring.h", &["IORING_*"]),
    ("linux/kernel-page-flags.h", &["KPF_*"]),
    ("linux/magic.h", &["TMPFS_MAGIC", "EXT4_SUPER_MAGIC"]),
    ("linux/types.h", &["__u32", "__u64"]),
    ("linux/userfaultfd.h", &["UFFD*"]),
    ("poll.h", &["poll"]),
    ("pthread.h", &["pthread_t"]),
    ("setjmp.h", &["sigjmp_buf", "sigsetjmp"]),
    ("signal.h", &["siginfo_t", "sigaction", "signal", "SIG*", "SEGV_*", "BUS_*"]),
    ("stdint.h", &["uint64_t", "uintptr_t", "UINT64_C"]),
    ("stdio.h", &["printf", "snprintf", "fopen", "sscanf", "FILE"]),
    ("stdlib.h", &["calloc", "exit", "free", "malloc"]),
    ("string.h", &["memcpy", "memset", "strcmp", "strlen", "strerror", "strstr"]),
    ("sys/ioctl.h", &["ioctl"]),
    (
        "sys/mman.h",
        &[
            "mmap",
            "munmap",
            "munlockall",
            "mprotect",
            "memfd_create",
            "mincore",
            "mlock",
            "mlock2",
            "mremap",
            "msync",
            "munlock",
            "madvise",
            "MAP_*",
            "PROT_*",
            "MFD_*",
        ],
    ),
    ("sys/prctl.h", &["prctl", "PR_*"]),
    ("sys/resource.h", &["setrlimit", "rlimit"]),
    ("sys/sendfile.h", &["sendfile"]),
    ("sys/stat.h", &["fstat", "stat"]),
    ("sys/syscall.h", &["syscall"]),
    ("sys/uio.h", &["iovec", "pwritev", "process_vm_readv", "process_vm_writev"]),
    ("sys/vfs.h", &["statfs"]),
    ("sys/wait.h", &["wait"]),
    (
        "unistd.h",
        &[
            "alarm",
            "close",
            "copy_file_range",
            "dup",
            "fork",
            "ftruncate",
            "geteuid",
            "getpid",
            "pipe",
            "pipe2",
            "pread",
            "pwrite",
            "read",
            "syscall",
            "sysconf",
            "usleep",
            "write",
            "_exit",
        ],
    ),
];

/// Constants that the headers of a C library may lack, and what no kernel knows.
const DEFINITIONS: &[(&str, &str)] = &[
    ("F_SEAL_EXEC", "0x0020"),
    ("F_SEAL_UNKNOWN", "0x0400 /* what no kernel knows */"),
    ("FALLOC_FL_UNKNOWN", "(1 << 20) /* what no kernel knows */"),
    ("MADV_COLD", "20"),
    ("MADV_PAGEOUT", "21"),
    ("MADV_POPULATE_READ", "22"),
    ("MADV_POPULATE_WRITE", "23"),
    ("MADV_DONTNEED_LOCKED", "24"),
    ("MADV_COLLAPSE", "25"),
    ("MADV_GUARD_INSTALL", "102"),
    ("MADV_GUARD_REMOVE", "103"),
    ("MADV_UNKNOWN", "(1 << 24) /* what no kernel knows */"),
    ("MAP_DROPPABLE", "0x08"),
    ("MAP_NOSIGBUS", "0x200000 /* a proposal: what no kernel knows */"),
    ("MAP_UNKNOWN", "(1 << 24) /* what no kernel knows */"),
    ("MFD_EXEC", "0x0010U"),
    ("MFD_NOEXEC_SEAL", "0x0008U"),
    ("MFD_UNKNOWN", "(1U << 20) /* what no kernel knows */"),
    ("MLOCK_UNKNOWN", "(1U << 24) /* what no kernel knows */"),
    ("MREMAP_DONTUNMAP", "4"),
    ("MREMAP_UNKNOWN", "(1 << 24) /* what no kernel knows */"),
    ("MS_UNKNOWN", "(1 << 20) /* what no kernel knows */"),
    ("MSEAL_UNKNOWN", "(1UL << 24) /* what no kernel knows */"),
    ("SYS_mseal", "462"),
    ("UFFD_FEATURE_WP_ASYNC", "(1 << 15)"),
    ("UFFD_FEATURE_WP_UNPOPULATED", "(1 << 13)"),
    ("UFFD_FEATURE_UNKNOWN", "(1 << 30) /* what no kernel knows */"),
    ("UFFD_FLAG_UNKNOWN", "(1 << 20) /* what no kernel knows */"),
    ("UFFDIO_MOVE", "_IOWR(UFFDIO, 0x05, struct uffdio_copy)"),
    ("UFFDIO_POISON", "_IOWR(UFFDIO, 0x08, struct uffdio_continue)"),
];

/// The whole program, but for its comment.
pub fn assemble(body: &Body) -> String {
    let main = main(body);
    let mut used = Words::of(&(body.functions.clone() + &main));
    used.add(&body.pipes);
    let names = Name::LETTERS.iter().filter(|name| used.has(&name.to_string()));
    let handlers = Handler::LETTERS.iter().filter(|name| used.has(&name.to_string()));
    let names: Vec<_> = names.chain(handlers).map(|name| format!("{name} = -1")).collect();
    let names = match names.as_slice() {
        [] => String::new(),
        names => format!("static int {};\n", names.join(", ")),
    };
    let pins = PinName::LETTERS.iter().flat_map(|it| Means::ALL.map(|means| means.variable(*it)));
    let pins: String = pins.filter(|(name, _)| used.has(name)).map(|(_, text)| text).collect();
    let texts = helpers(body, &mut used);
    let headers = HEADERS.iter().filter(|(_, words)| words.iter().any(|word| used.matches(word)));
    let headers: String = headers.map(|(header, _)| format!("#include <{header}>\n")).collect();
    let definitions = DEFINITIONS.iter().filter(|(name, _)| used.has(name));
    let definitions: String = definitions
        .map(|(name, value)| format!("#ifndef {name}\n#define {name} {value}\n#endif\n"))
        .collect();
    let area = match (used.has("area"), used.has("page")) {
        (true, _) => {
            "/* Where the pages lie, and how large they are. */\nstatic char *area;\n\
                      static size_t page;\n"
        }
        (false, true) => "/* The size of a page. */\nstatic size_t page;\n",
        (false, false) => "",
    };
    let sections = ["#define _GNU_SOURCE\n".to_owned() + &headers, definitions];
    let sections = sections.into_iter().chain([area.to_owned(), body.pipes.clone(), names + &pins]);
    let sections = sections.chain(texts.into_iter().rev()).filter(|text| !text.is_empty());
    let sections: Vec<_> = sections.collect();
    format!("{}\n{}{main}", sections.join("\n"), body.functions)
}

/// The helpers that are used, those last that others use; their words are used then.
fn helpers(body: &Body, used: &mut Words) -> Vec<String> {
    let mut texts = Vec::new();
    for Helper(words, text) in HELPERS.iter().rev() {
        if words.iter().any(|word| used.has(word)) {
            let text =
                if body.is_several { (*text).to_owned() } else { text.replace("finish(", "exit(") };
            let text = if body.forks_wait { text.replace("fork()", "plain_fork()") } else { text };
            used.add(&text);
            texts.push(text);
        }
    }
    texts
}

fn main(body: &Body) -> String {
    let statements = indented(&body.main);
    let mut used = Words::of(&(body.functions.clone() + &statements));
    let mut with_helpers = Words::of(&(body.functions.clone() + &statements));
    helpers(body, &mut with_helpers);
    let mut lines = Vec::new();
    if body.needs_root {
        lines.push("errno = EPERM;".to_owned());
        lines.push("if (geteuid() != 0)".to_owned());
        lines.push("\tcannot_tell(\"this needs root\");".to_owned());
    }
    if used.has("area") {
        lines.push(format!("reserve({AREA});"));
    } else if with_helpers.has("page") || body.limits_file_size {
        lines.push("page = sysconf(_SC_PAGESIZE);".to_owned());
    }
    if body.limits_file_size {
        lines.push(format!("limit_file_size({AREA});"));
    }
    if used.ends("_or_fault") {
        lines.push("catch_faults();".to_owned());
    }
    if body.is_several {
        lines.push("make_pipes();".to_owned());
    }
    if body.has_orphans {
        lines.push("prctl(PR_SET_CHILD_SUBREAPER, 1);".to_owned());
    }
    if used.has("start_known_process") || used.has("pids") {
        lines.push("share_pids();".to_owned());
        lines.push(format!("pids[{}] = getpid();", body.first));
    }
    if !lines.is_empty() {
        lines.push(String::new());
    }
    used.add(&statements);
    format!("int main(void)\n{{\n{}{statements}}}\n", indented(&lines))
}

/// The words of a C text, without comments and strings.
struct Words(BTreeSet<String>);

impl Words {
    fn of(text: &str) -> Self {
        let mut words = Self(BTreeSet::new());
        words.add(text);
        words
    }

    fn add(&mut self, text: &str) {
        let is_in_word = |letter: char| letter.is_alphanumeric() || letter == '_';
        let code = without_comments(text);
        let code = code.split('"').step_by(2).collect::<Vec<_>>().join(" ");
        self.0.extend(code.split(|letter| !is_in_word(letter)).map(ToOwned::to_owned));
    }

    fn has(&self, word: &str) -> bool {
        self.0.contains(word)
    }

    /// Whether some word ends so.
    fn ends(&self, end: &str) -> bool {
        self.0.iter().any(|word| word.ends_with(end))
    }

    /// The same; after a `*` anything may follow that begins with a capital letter or a digit.
    fn matches(&self, word: &str) -> bool {
        let Some(start) = word.strip_suffix('*') else { return self.has(word) };
        let is_constant = |rest: &str| {
            rest.chars().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || it == '_')
        };
        self.0.iter().any(|it| {
            it.strip_prefix(start).is_some_and(|rest| !rest.is_empty() && is_constant(rest))
        })
    }
}

fn without_comments(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("/*") {
        code += before;
        rest = after.split_once("*/").map_or("", |(_, rest)| rest);
    }
    code + rest
}
