#include "kernel/bpf/redirect_program.h"

#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

namespace podwire::kernel::bpf {
namespace {

// The four instructions are written by hand: a compiler and an ELF loader for them would be far more to
// carry.
constexpr bpf_insn move(std::uint8_t reg, std::int32_t value) {
  return {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = reg, .src_reg = 0, .off = 0, .imm = value};
}
constexpr bpf_insn call(std::int32_t helper) {
  return {.code = BPF_JMP | BPF_CALL, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = helper};
}
constexpr bpf_insn leave() {
  return {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0};
}

std::uint64_t pointer(const void* p) { return reinterpret_cast<std::uintptr_t>(p); }

}  // namespace

Result<UniqueFd> load_redirect_program(int to_index) {
  const std::array program{move(BPF_REG_1, to_index), move(BPF_REG_2, 0), call(BPF_FUNC_redirect), leave()};
  bpf_attr attr;
  std::memset(&attr, 0, sizeof attr);
  attr.prog_type = BPF_PROG_TYPE_SCHED_CLS;
  attr.insns = pointer(program.data());
  attr.insn_cnt = program.size();
  attr.license = pointer("Dual BSD/GPL");
  std::strncpy(attr.prog_name, "pw_redirect", sizeof attr.prog_name - 1);
  const auto fd = ::syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof attr);
  if (fd < 0) return fail("load redirect program", {}, errno);
  return UniqueFd(static_cast<int>(fd));
}

}  // namespace podwire::kernel::bpf
