/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program without a C library whose very first instructions write a byte to standard
 * output. Killed before its first instruction, it leaves nothing there.
 */
asm(".globl _start\n"
    "_start:\n"
    "	mov $1, %eax\n" /* write(1, &byte, 1) */
    "	mov $1, %edi\n"
    "	lea byte(%rip), %rsi\n"
    "	mov $1, %edx\n"
    "	syscall\n"
    "	mov $231, %eax\n" /* exit_group(0) */
    "	xor %edi, %edi\n"
    "	syscall\n"
    "byte: .ascii \"!\"\n");
