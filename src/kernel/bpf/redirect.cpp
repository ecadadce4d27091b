#include "kernel/bpf/redirect.h"

#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <string>

namespace podwire::kernel {

Result<UniqueFd> load_redirect_program(int to_index) {
  constexpr std::uint8_t kMovImm = BPF_ALU64 | BPF_MOV | BPF_K;
  const std::array<bpf_insn, 4> program{{
      {.code = kMovImm, .dst_reg = BPF_REG_1, .src_reg = 0, .off = 0, .imm = to_index},
      {.code = kMovImm, .dst_reg = BPF_REG_2, .src_reg = 0, .off = 0, .imm = 0},
      {.code = BPF_JMP | BPF_CALL, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = BPF_FUNC_redirect},
      {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
  }};
  bpf_attr attr{};
  attr.prog_type = BPF_PROG_TYPE_SCHED_CLS;
  attr.insn_cnt = program.size();
  attr.insns = reinterpret_cast<std::uint64_t>(program.data());
  attr.license = reinterpret_cast<std::uint64_t>("Dual BSD/GPL");
  const long fd = ::syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof attr);
  if (fd < 0) return fail("load BPF program that redirects to link", std::to_string(to_index), errno);
  return UniqueFd(static_cast<int>(fd));
}

}  // namespace podwire::kernel
